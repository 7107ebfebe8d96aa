// Compute processes of a headless host: forked Node processes with the same frames over their channel.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { entryUrl } from '../store/entry.ts'
import { ProcessPort } from '../wire/process-port.ts'
import { computeEnvironment, computeFlags } from './compute-environment.ts'
import type { LaunchCompute } from './launcher.ts'
import { ProcessOutput } from './piped-process.ts'

export interface ForkOptions {
  /** The entry to start instead of the product's own; tests start processes that misbehave. */
  readonly entry?: URL
  readonly execArgv?: readonly string[]
}

export function forkCompute(options: ForkOptions = {}): LaunchCompute {
  const entry = fileURLToPath(options.entry ?? entryUrl('compute/index', import.meta.url))
  return (job, env) => {
    const child = fork(entry, [`--job=${job}`], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: [...(options.execArgv ?? computeFlags)],
      env: { ...computeEnvironment(), ...env },
    })
    const output = new ProcessOutput(child.stdout, child.stderr)
    child.on('exit', (code, signal) => output.ended({ code, signal }))
    // it could not be started at all
    child.on('error', () => output.ended({ code: null, signal: null }))
    return {
      pid: child.pid,
      port: new ProcessPort(child),
      onLine: (listener) => output.onLine(listener),
      onErrorLine: (listener) => output.onErrorLine(listener),
      onExit: (listener) => output.onExit(listener),
      kill: () => child.kill('SIGKILL'),
    }
  }
}
