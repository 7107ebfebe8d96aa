// The three builds: main (Electron and headless entries), preload, and the page.
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

/**
 * Packages that are built into the bundles: a process or thread loads a few files instead of hundreds, and starts in
 * two thirds of the time. Not those with native parts or files of their own beside them, nor apache-arrow, which says
 * of itself that leaving out its modules does no harm, and whose reader then lacks what they add to it.
 */
const builtIn = [
  '@bufbuild/protobuf',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@msgpack/msgpack',
  'chardet',
  'commander',
  'csv-parse',
  'hyparquet',
  'hyparquet-compressors',
  'hyparquet-writer',
  'markdown-it',
  'picomatch',
  'yauzl',
  'zod',
]

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: { exclude: builtIn },
      rollupOptions: {
        // one bundle per process or thread; their names are what src/main/store/entry.ts expects
        input: {
          index: 'src/main/index.ts',
          cli: 'src/main/cli.ts',
          compute: 'src/main/compute/index.ts',
          'lane-worker': 'src/main/activations/lane-worker.ts',
          'text-worker': 'src/main/activations/text-worker.ts',
          'writer-worker': 'src/main/activations/writer-worker.ts',
          'pulse-worker': 'src/main/compute/pulse-worker.ts',
          'reader-worker': 'src/main/store/reader-worker.ts',
          'harvest-worker': 'src/main/activations/harvest-worker.ts',
          'curves-worker': 'src/main/sae/curves-worker.ts',
          'features-worker': 'src/main/features/features-worker.ts',
          'preview-worker': 'src/main/corpus/preview-worker.ts',
          'live-worker': 'src/main/activations/live-worker.ts',
          'loader-worker': 'src/main/activations/loader-worker.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: 'src/preload/index.ts' },
        // a sandboxed preload script must be CommonJS
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [react()],
    build: {
      outDir: 'out/renderer',
      minify: true,
      rollupOptions: { input: 'src/renderer/index.html' },
    },
  },
})
