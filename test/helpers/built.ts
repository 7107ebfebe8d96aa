// The programs as built, which is how people run them; loading the sources instead takes three times as long.
import { fileURLToPath } from 'node:url'
import { forkCompute, type ForkOptions } from '../../src/main/host/fork.ts'
import type { LaunchCompute } from '../../src/main/host/launcher.ts'

/** Path of the command line. */
export const CLI = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

const COMPUTE = new URL('../../out/main/compute.js', import.meta.url)

/** Starts compute processes, from another entry when `options` name one. */
export function builtCompute(options: ForkOptions = {}): LaunchCompute {
  return forkCompute({ entry: COMPUTE, ...options })
}
