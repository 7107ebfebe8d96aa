// The half of a compute process that every kind of host shares: lines of output, and an end told after the last line.
import type { Readable } from 'node:stream'
import { eachLine } from './lines.ts'
import type { ProcessExit } from './launcher.ts'

/** Gathers a process's output and end; listeners that come late are told what they missed. */
export class ProcessOutput {
  readonly #line = new Replay<string>()
  readonly #errorLine = new Replay<string>()
  readonly #exit = new Replay<ProcessExit>()
  #open = 0
  #exited: ProcessExit | undefined

  constructor(stdout: Readable | null, stderr: Readable | null) {
    this.#follow(stdout, this.#line)
    this.#follow(stderr, this.#errorLine)
  }

  onLine(listener: (line: string) => void): void {
    this.#line.listen(listener)
  }

  onErrorLine(listener: (line: string) => void): void {
    this.#errorLine.listen(listener)
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    this.#exit.listen(listener)
  }

  /** The process has ended; told once its output is read to the end. */
  ended(exit: ProcessExit): void {
    this.#exited ??= exit
    this.#tellEnd()
  }

  #follow(stream: Readable | null, lines: Replay<string>): void {
    if (!stream) return
    this.#open++
    eachLine(
      stream,
      (line) => lines.tell(line),
      () => {
        this.#open--
        this.#tellEnd()
      },
    )
  }

  #tellEnd(): void {
    if (this.#exited && this.#open === 0 && !this.#exit.told) this.#exit.tell(this.#exited)
  }
}

/** One listener, told also what happened before it listened. */
class Replay<T> {
  #listener: ((value: T) => void) | undefined
  #missed: T[] = []
  told = false

  tell(value: T): void {
    this.told = true
    if (this.#listener) this.#listener(value)
    else this.#missed.push(value)
  }

  listen(listener: (value: T) => void): void {
    this.#listener = listener
    for (const value of this.#missed.splice(0)) listener(value)
  }
}
