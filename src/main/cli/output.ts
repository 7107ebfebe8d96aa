// What a command prints: one JSON object on stdout with --json, lines for a person otherwise; the rest goes to stderr.
import type { ErrorData } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { fractionOf, type Progress } from '../../shared/jobs/progress.ts'
import { formatPercent, formatQuantity, formatSeconds } from '../../shared/units.ts'

export class Output {
  /** What the process ends with when the command itself went well. */
  exitCode = 0
  readonly #json: boolean
  #live = false

  constructor(json: boolean) {
    this.#json = json
  }

  /** The command's result: `data` for scripts, `lines` for people. */
  result(data: object, lines: readonly string[]): void {
    this.#clear()
    process.stdout.write(this.#json ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(''))
  }

  /** Text of the result as it comes, for people; scripts get it whole. */
  text(piece: string): void {
    if (this.#json) return
    this.#clear()
    process.stdout.write(piece)
  }

  error(error: ErrorData): void {
    this.#clear()
    if (this.#json) {
      const { code, message, hint } = error
      process.stdout.write(`${JSON.stringify({ error: { code, message, ...(hint && { hint }) } })}\n`)
    }
    for (const line of errorLines(error)) process.stderr.write(`${line}\n`)
    if (error.kind === 'bug' && error.cause) process.stderr.write(`${error.cause}\n`)
  }

  /** Wrong usage, for scripts; people have been told. */
  usageError(message: string): void {
    if (this.#json) process.stdout.write(`${JSON.stringify({ error: { code: 'usage', message } })}\n`)
  }

  /** A line about what is going on. */
  say(line: string): void {
    this.#clear()
    process.stderr.write(`${line}\n`)
  }

  progress(job: Job): void {
    this.status(progressText(job.progress))
  }

  /** Overwrites one line of the terminal; silent where there is none. */
  status(text: string): void {
    if (!process.stderr.isTTY) return
    process.stderr.write(`\r\u001b[K${text}`)
    this.#live = true
  }

  #clear(): void {
    if (this.#live) process.stderr.write('\r\u001b[K')
    this.#live = false
  }
}

/** "Hashing 42.1 % · 1.2 GB of 2.9 GB · 310 MB/s · 5 s left". */
export function progressText(progress: Progress): string {
  if (progress.phase === 'waiting') return 'Waiting'
  if (progress.phase === 'finished') return 'Done'
  if (progress.phase === 'measuring')
    return `${progress.step} · ${formatQuantity(progress.found, progress.unit)} so far`
  const { step, unit, done, total, perSecond, secondsLeft } = progress
  const parts = [
    `${step} ${formatPercent(fractionOf(progress) ?? 0)}`,
    `${formatQuantity(done, unit)} of ${formatQuantity(total, unit)}`,
  ]
  if (perSecond) parts.push(`${formatQuantity(perSecond, unit)}/s`)
  if (secondsLeft !== null) parts.push(`${formatSeconds(secondsLeft)} left`)
  return parts.join(' · ')
}

/** What went wrong, its code to look it up by, and what to do about it; of what was cancelled nothing is to be looked up. */
export function errorLines({ kind, message, code, hint }: ErrorData): string[] {
  return [kind === 'cancelled' ? message : `${message} [${code}]`, ...(hint ? [hint] : [])]
}
