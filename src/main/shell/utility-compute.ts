// Compute processes in Electron: utility processes with the same frames over a message port.
import { fileURLToPath } from 'node:url'
import { MessagePortPort } from '../../shared/wire/message-port.ts'
import { entryUrl } from '../store/entry.ts'
import { computeEnvironment } from '../host/compute-environment.ts'
import type { LaunchCompute } from '../host/launcher.ts'
import { ProcessOutput } from '../host/piped-process.ts'
import type { Electron } from './electron.ts'
import type { Readable } from 'node:stream'

export function utilityCompute({ utilityProcess }: Pick<Electron, 'utilityProcess'>): LaunchCompute {
  const entry = fileURLToPath(entryUrl('compute/index', import.meta.url))
  return (job, env) => {
    const child = utilityProcess.fork(entry, [`--job=${job}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      serviceName: `Monoscope job ${job}`,
      env: { ...computeEnvironment(), ...env },
    })
    const output = new ProcessOutput(child.stdout as Readable | null, child.stderr as Readable | null)
    let killed = false
    // Electron reports a code only; a process ended by a signal has none of its own
    child.on('exit', (code) => output.ended({ code, signal: killed ? 'SIGKILL' : null }))
    return {
      get pid() {
        return child.pid
      },
      port: new MessagePortPort({
        postMessage: (message) => child.postMessage(message),
        on: (type: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
          type === 'message'
            ? child.on('message', (data: unknown) => listener({ data }))
            : child.on('exit', () => listener({ data: undefined })),
      }),
      onLine: (listener) => output.onLine(listener),
      onErrorLine: (listener) => output.onErrorLine(listener),
      onExit: (listener) => output.onExit(listener),
      kill: () => {
        killed = true
        child.kill()
      },
    }
  }
}
