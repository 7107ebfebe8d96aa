// A Python program to compare with, when this machine has what it needs; it measures once for each line it is sent.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

interface Measured {
  /** Of one step. */
  readonly seconds: number
  /** Seconds of a step's matrix products alone. */
  readonly products: number
}

export interface Peer {
  /** What it said of itself when it started. */
  readonly about: Record<string, unknown>
  /** The mean of one round. */
  measure(): Promise<Measured>
  close(): void
}

const python = process.env.MONOSCOPE_PYTHON ?? 'python3'

/** Starts bench/peers/<program>; undefined, with the reason printed, where Python lacks the module. */
export async function openPeer(
  program: string,
  needs: string,
  args: readonly number[],
): Promise<Peer | undefined> {
  if (spawnSync(python, ['-c', `import ${needs}`]).status !== 0) {
    console.log(`No comparison: ${python} has no ${needs} (MONOSCOPE_PYTHON names another Python).`)
    return undefined
  }
  const path = fileURLToPath(new URL(`peers/${program}`, import.meta.url))
  const child = spawn(python, [path, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${program} ended before it had measured.`)
    return JSON.parse(value) as Record<string, unknown>
  }
  return {
    about: await read(),
    measure: async () => {
      child.stdin.write('go\n')
      return (await read()) as unknown as Measured
    },
    close: () => child.stdin.end(),
  }
}
