// Data sets of the Hugging Face Hub: their files listed, fetched one after the other, and removed when read.
import { createHash } from 'node:crypto'
import { mkdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { CorpusSpec } from '../../shared/corpus.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { HUB, type HubAccess, repositoryPattern } from '../../shared/hub.ts'
import { headersOf } from '../llama/library/hub.ts'
import { download } from '../store/download.ts'
import { jsonOf, request } from '../store/http.ts'
import { explained } from '../store/io-error.ts'
import { Passing, patiently, refusal } from '../store/patience.ts'
import { remoteBytes, withLocalBytes } from './bytes.ts'
import type { CorpusFile } from './corpus-file.ts'
import { globMatcher, recordGlobs } from './formats.ts'

const PREFIX = 'hf:'

/** What files are fetched with, and until when. */
export interface SourceOptions {
  readonly signal?: AbortSignal
  /** Folder for the files of a Hugging Face data set, each removed when it was read; needed for those only. */
  readonly cache?: string
  readonly token?: string | null
  /** Address of the Hub; the public one unless given. */
  readonly endpoint?: string
}

interface Dataset {
  readonly id: string
  readonly revision: string
  readonly config: string | null
  readonly split: string | null
}

const dataFileSchema = z.object({ split: z.string(), path: z.union([z.string(), z.array(z.string())]) })
const configSchema = z.object({
  config_name: z.string(),
  default: z.boolean().optional(),
  data_files: z.union([z.string(), z.array(z.union([z.string(), dataFileSchema]))]).optional(),
})
const answerSchema = z.object({
  sha: z.string(),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative(),
      lfs: z.object({ sha256: z.string().regex(/^[\da-f]{64}$/) }).nullish(),
    }),
  ),
  // written by hand in the data set's card: what is unusual in it must not hide its files
  cardData: z
    .object({ configs: z.array(configSchema).optional().catch(undefined) })
    .nullish()
    .catch(undefined),
})
type Answer = z.output<typeof answerSchema>

export function isDataset(path: string): boolean {
  return path.startsWith(PREFIX)
}

/** The files of a data set sorted by path, at one revision throughout. Throws `corpus/…`, `network/…`. */
export async function* datasetFiles(spec: CorpusSpec, options: SourceOptions): AsyncGenerator<CorpusFile> {
  const { id, config, split, revision } = datasetOf(spec.path)
  const { endpoint } = accessOf(options)
  const answer = await listing(
    `${endpoint}/api/datasets/${id}/revision/${encodeURIComponent(revision)}?blobs=true`,
    id,
    options,
  )
  const taken = spec.include ? globMatcher(spec.include) : null
  const files = answer.siblings
    .filter(({ rfilename }) => taken?.(rfilename) ?? true)
    .filter(chosen(answer, config, split))
    .sort((a, b) => (a.rfilename < b.rfilename ? -1 : 1))
  if (files.length === 0) throw nothingChosen(id, config, split, answer)
  for (const { rfilename, size, lfs } of files) {
    const path = rfilename.split('/').map(encodeURIComponent).join('/')
    yield remoteFile(
      { name: rfilename, bytes: size, url: `${endpoint}/datasets/${id}/resolve/${answer.sha}/${path}` },
      { ...(lfs && { sha256: lfs.sha256 }), id: `${rfilename} ${lfs?.sha256 ?? size}` },
      options,
    )
  }
}

/** "hf:OWNER/NAME[@revision][#config/split]" taken apart. */
export function datasetOf(path: string): Dataset {
  const match = /^hf:([^@#]+)(?:@([^#]+))?(?:#([^/]*)(?:\/(.+))?)?$/.exec(path)
  const [, id, revision, config, split] = match ?? []
  if (id === undefined || !repositoryPattern.test(id)) {
    throw expected(
      'corpus/dataset',
      `"${path}" names no data set.`,
      'Write it as hf:OWNER/NAME, hf:OWNER/NAME@revision or hf:OWNER/NAME#config/split.',
    )
  }
  return {
    id,
    revision: revision ?? 'main',
    config: config === undefined || config === '' ? null : config,
    split: split ?? null,
  }
}

async function listing(url: string, id: string, options: SourceOptions): Promise<Answer> {
  let answer: unknown
  try {
    answer = await patiently(() => ask(url, options), options.signal ? { signal: options.signal } : {})
  } catch (error) {
    if (!(error instanceof MonoscopeError)) throw error
    // the Hub answers "denied" for what does not exist too, so as not to tell
    if (error.code === 'network/denied' || error.code === 'network/missing') {
      throw expected(
        'corpus/dataset',
        `The Hub gives no data set ${id} (${error.message})`,
        options.token == null
          ? 'Check its name; for one that is private or asks for consent, set a Hugging Face token.'
          : 'Check its name, and on its page that your account may read it.',
        error,
      )
    }
    throw error
  }
  const parsed = answerSchema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw expected(
    'network/answer',
    `${url} does not answer as the Hugging Face Hub does.`,
    'Check the endpoint.',
    parsed.error,
  )
}

async function ask(url: string, options: SourceOptions): Promise<unknown> {
  const { signal } = options
  try {
    const response = await request(url, { headers: headersOf(accessOf(options)), ...(signal && { signal }) })
    if (response.statusCode === 200) return await jsonOf(response, url)
    response.destroy()
    throw refusal(url, response)
  } catch (error) {
    if (error instanceof MonoscopeError && error.code === 'network/unreachable') throw new Passing(error)
    throw error
  }
}

/** Which files belong to the config and split: as its card says, else as folders and names are called. */
function chosen(
  answer: Answer,
  config: string | null,
  split: string | null,
): (file: { rfilename: string }) => boolean {
  const readable = globMatcher(recordGlobs)
  const configs = answer.cardData?.configs ?? []
  const said =
    config === null
      ? (configs.find((one) => one.default) ?? configs[0])
      : configs.find((one) => one.config_name === config)
  const patterns = said ? patternsOf(said, split ?? 'train') : []
  if (patterns.length > 0) {
    const matches = globMatcher(patterns)
    return ({ rfilename }) => readable(rfilename) && matches(rfilename)
  }
  const files = answer.siblings.filter(({ rfilename }) => readable(rfilename) && inFolder(rfilename, config))
  const wanted = split ?? (files.some(({ rfilename }) => isOfSplit(rfilename, 'train')) ? 'train' : null)
  return ({ rfilename }) =>
    readable(rfilename) && inFolder(rfilename, config) && (wanted === null || isOfSplit(rfilename, wanted))
}

/** Globs of a config's split; all its files when the card names no splits. */
function patternsOf({ data_files: files }: z.output<typeof configSchema>, split: string): string[] {
  if (files === undefined) return []
  const list = typeof files === 'string' ? [files] : files
  const globs = list.flatMap((file) =>
    typeof file === 'string' ? [file] : file.split === split ? file.path : [],
  )
  return globs
    .map((glob) => glob.replace(/^\.?\//, ''))
    .map((glob) => (glob.endsWith('/') ? `${glob}**` : glob))
}

function inFolder(name: string, config: string | null): boolean {
  return config === null || config === 'default' || name.split('/').slice(0, -1).includes(config)
}

/** "train/00.jsonl.zst", "data/train-00000-of-00002.parquet", "test.jsonl.zst". */
function isOfSplit(name: string, split: string): boolean {
  return name
    .split('/')
    .some((part) => part.split(/\W+/).includes(split) || part.split(/[\W_]+/).includes(split))
}

function nothingChosen(id: string, config: string | null, split: string | null, answer: Answer): Error {
  const configs = answer.cardData?.configs?.map((one) => one.config_name) ?? []
  const what = [config !== null && `config "${config}"`, split !== null && `split "${split}"`]
    .filter(Boolean)
    .join(', ')
  return expected(
    'corpus/empty',
    `The data set ${id} has no JSON lines, Parquet or CSV files${what === '' ? '' : ` of ${what}`}.`,
    configs.length > 0
      ? `Its configs are ${configs.slice(0, 20).join(', ')}.`
      : `The Hub may have converted it: try hf:${id}@refs/convert/parquet.`,
  )
}

interface RemoteFile {
  readonly name: string
  readonly bytes: number
  readonly url: string
}

function remoteFile(
  { name, bytes, url }: RemoteFile,
  { id, sha256 }: { id: string; sha256?: string },
  options: SourceOptions,
): CorpusFile {
  const { signal, cache } = options
  const headers = headersOf(accessOf(options))
  return {
    kind: 'file',
    name,
    bytes,
    id,
    stratum: null,
    read: async function* (use) {
      if (cache === undefined) throw new Error('A data set of the Hub needs a folder for its files.')
      await explained(cache, () => mkdir(cache, { recursive: true }))
      const path = join(cache, cachedName(url))
      // a file takes its place only when it is complete: one that is there was fetched before an interruption
      if ((await sizeOf(path)) !== bytes) {
        await download(url, path, { headers, bytes, ...(sha256 && { sha256 }), ...(signal && { signal }) })
      }
      yield* withLocalBytes(path, use)
      await rm(path, { force: true })
    },
    look: (use) => use(remoteBytes(url, { size: bytes, headers, ...(signal && { signal }) })),
  }
}

/** One name for one file of one revision; the end is kept, which says what kind of file it is. */
function cachedName(url: string): string {
  return `${createHash('sha256').update(url).digest('hex').slice(0, 16)}-${basename(new URL(url).pathname).slice(-100)}`
}

function accessOf({ endpoint = HUB, token = null }: SourceOptions): HubAccess {
  return { endpoint: endpoint.replace(/\/+$/, ''), token }
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  )
}
