// After browser tests: what the pages of a failed one showed is printed, and no host is left running.
import { afterAll, afterEach } from 'vitest'
import { describePages, endServed } from './app.ts'

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(await describePages())
})

afterAll(() => endServed())
