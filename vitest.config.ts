// The tests: everything that runs in Node, and the browser tests, which run one file after the other.
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

// the hundreds of processes that tests start load the same modules: what Node makes of those is kept
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node')

export default defineConfig({
  test: {
    // machines under load are slow; a test that waits for what never comes still ends
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // commands and pages are tested as built
    globalSetup: ['test/e2e/build.ts'],
    // most tests wait for processes; one core fewer, the default, is a single worker on a machine with two
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'node', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**'], pool: 'forks' },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/e2e/cleanup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
