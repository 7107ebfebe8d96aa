// Builds a program of the bench with the threads it starts, as the product is built: from sources, each thread would first compile all of them.
import { fileURLToPath } from 'node:url'
import { build, type UserConfig } from 'vite'
import config from '../electron.vite.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The path of what `bench/<name>.ts` was built to; what is installed is found from there. */
export async function built(name: string): Promise<string> {
  const { build: product } = (config as { main: UserConfig }).main
  const output = product?.rollupOptions?.output
  const outDir = `${root}/out/bench`
  await build({
    ...{ configFile: false, root, logLevel: 'warn' },
    build: {
      ...{ outDir, ssr: true, minify: false, target: 'node24' },
      rollupOptions: {
        input: { ...(product?.rollupOptions?.input as Record<string, string>), [name]: `bench/${name}.ts` },
        ...(output && { output }),
      },
    },
  })
  return `${outDir}/${name}.js`
}
