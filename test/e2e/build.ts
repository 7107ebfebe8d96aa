// Before the browser tests: builds the app if it is stale, the way a user's first start does.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export default function setup(): void {
  const launcher = fileURLToPath(new URL('../../bin/monoscope.mjs', import.meta.url))
  execFileSync(process.execPath, [launcher, 'build'], { stdio: 'inherit' })
}
