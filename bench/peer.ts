// A program to compare with, when this machine has it; it measures once for each line it is sent.
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Peer {
  /** What it said of itself when it started. */
  readonly about: Readonly<Record<string, unknown>>
  /** What it answers to a line. */
  ask(line: string): Promise<Readonly<Record<string, unknown>>>
  /** Seconds it says it took for what a line asks. */
  measure(line?: string): Promise<number>
  close(): void
}

const python = process.env.MONOSCOPE_PYTHON ?? 'python3'

/** Starts bench/peers/<program>; undefined, with the reason printed, where Python lacks one of the modules. */
export async function openPython(
  program: string,
  needs: readonly string[],
  args: readonly (string | number)[],
): Promise<Peer | undefined> {
  if (spawnSync(python, ['-c', `import ${needs.join(', ')}`]).status !== 0) {
    console.log(
      `  No comparison: ${python} lacks one of ${needs.join(', ')} (MONOSCOPE_PYTHON names another Python).`,
    )
    return undefined
  }
  return openProgram(python, program, args)
}

/** Starts bench/peers/<program> by `command`, and waits until it has said what it is. */
export async function openProgram(
  command: string,
  program: string,
  args: readonly (string | number)[],
): Promise<Peer> {
  const path = fileURLToPath(new URL(`peers/${program}`, import.meta.url))
  const child = spawn(command, [path, ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // as people start it: what our own processes are given is no part of it
    env: { ...process.env, GLIBC_TUNABLES: undefined },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const read = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${program} ended before it had measured.`)
    return JSON.parse(value) as Record<string, unknown>
  }
  const ask = async (line: string) => {
    child.stdin.write(`${line}\n`)
    return await read()
  }
  return {
    about: await read(),
    ask,
    measure: async (line = 'go') => (await ask(line)).seconds as number,
    close: () => child.stdin.end(),
  }
}
