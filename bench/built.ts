// Builds a program of the bench with the threads it starts, as the product is built: from sources, each thread would first compile all of them.
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import config from '../electron.vite.config.ts'

/** What the product's build says of processes and threads. */
interface Product {
  readonly main: {
    readonly build: {
      readonly externalizeDeps: { readonly exclude: string[] }
      readonly rollupOptions: {
        readonly input: Readonly<Record<string, string>>
        readonly output: { readonly entryFileNames: string; readonly chunkFileNames: string }
      }
    }
  }
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** The path of what `bench/<name>.ts` was built to; what is installed is found from there. */
export async function built(name: string): Promise<string> {
  const { externalizeDeps, rollupOptions } = (config as unknown as Product).main.build
  const { input, output } = rollupOptions
  const outDir = `${root}out/bench`
  await build({
    ...{ configFile: false, root, logLevel: 'warn' },
    ssr: { noExternal: externalizeDeps.exclude },
    build: {
      ...{ outDir, ssr: true, minify: false, target: 'node24' },
      rolldownOptions: {
        input: { ...input, [name]: `bench/${name}.ts` },
        output: { ...output, format: 'es' },
      },
    },
  })
  return `${outDir}/${name}.js`
}
