// Which kind of file a name promises, and the files that are taken from a folder unless something else is asked for.
import picomatch from 'picomatch'
import type { Compression } from './inflate.ts'

export interface Format {
  readonly content: 'text' | 'lines' | 'csv' | 'parquet'
  readonly compression: Compression | null
}

export function formatOf(name: string): Format {
  const lower = name.toLowerCase()
  const compression = lower.endsWith('.gz') ? 'gzip' : /\.zstd?$/.test(lower) ? 'zstd' : null
  const inner = compression ? lower.slice(0, lower.lastIndexOf('.')) : lower
  if (/\.(jsonl|ndjson)$/.test(inner)) return { content: 'lines', compression }
  if (/\.(csv|tsv)$/.test(inner)) return { content: 'csv', compression }
  if (inner.endsWith('.parquet')) return { content: 'parquet', compression }
  return { content: 'text', compression }
}

/** Files whose records are documents. */
export const recordGlobs = ['*.{jsonl,ndjson,csv,tsv}?(.gz|.zst|.zstd)', '*.parquet']

const prose = 'txt,text,md,markdown,mdx,rst,org,adoc,tex,html,htm'
const code = [
  'py,pyi,js,mjs,cjs,jsx,ts,mts,cts,tsx,vue,svelte,css,scss,less,c,h,cc,cpp,cxx,hh,hpp,cs,java,kt,kts,scala,groovy',
  'go,rs,rb,php,pl,pm,swift,m,mm,r,jl,lua,sh,bash,zsh,fish,ps1,bat,sql,hs,ml,mli,fs,ex,exs,erl,clj,cljs,lisp,el,scm',
  'f,f90,for,pas,d,zig,nim,dart,v,sv,vhd,vhdl,asm,s,proto,graphql,toml,yaml,yml,ini,cfg,cmake,tf',
].join(',')
const names = '{README,LICENSE,COPYING,NOTICE,AUTHORS,CHANGELOG,CHANGES,TODO,Makefile,Dockerfile}'

export const defaultGlobs = [`*.{${prose},${code}}?(.gz|.zst|.zstd)`, names, ...recordGlobs]

/** Tests paths against globs; one without "/" is for names in any folder. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const tests = globs.map((glob) => picomatch(glob, { basename: !glob.includes('/'), nocase: true }))
  return (path) => tests.some((test) => test(path))
}
