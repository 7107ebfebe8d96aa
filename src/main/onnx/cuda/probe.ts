// Tries an execution provider in a process of its own, so that a provider that crashes takes nothing with it.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { libraryPath } from './runtime.ts'

export interface ProbeResult {
  readonly ok: boolean
  /** What onnxruntime says, or how the process ended; null when it works. */
  readonly error: string | null
}

/** Milliseconds; the first CUDA session of a machine compiles kernels. */
const PATIENCE = 180_000
const SHOWN = 4_000

/**
 * Whether `provider` works in a process started from `entry` (probe-child) whose loader also looks in `libraryFolders`.
 */
export function probeProvider(
  provider: 'cpu' | 'cuda',
  entry: URL,
  libraryFolders: readonly string[] = [],
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(entry), [provider], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...process.env, ...libraryPath(libraryFolders) },
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    })
    let said = ''
    let answer: string | null | undefined
    child.stderr?.on('data', (bytes: Buffer) => {
      said = `${said}${bytes.toString()}`.slice(-SHOWN)
    })
    child.on('message', (message) => {
      answer = (message as { error: string | null }).error
    })
    child.on('error', (error) => resolve({ ok: false, error: error.message }))
    child.on('close', (code, signal) => {
      if (answer === null) return resolve({ ok: true, error: null })
      const how = answer ?? `The process that tried it ended with ${signal ?? `code ${code}`}.`
      resolve({ ok: false, error: [how, reasonIn(said)].filter(Boolean).join(' ') })
    })
  })
}

/** onnxruntime tells the loader's own words on stderr only. */
function reasonIn(said: string): string {
  const text = /with error: ([^\n]+)/.exec(said)?.[1] ?? ''
  // eslint-disable-next-line no-control-regex -- the log is coloured
  return text.replace(/\u001b\[[\d;]*m/g, '').trim()
}
