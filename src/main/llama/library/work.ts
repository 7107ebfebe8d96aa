// What bringing in a model needs of the job that does it; a job's context fits.

export interface Work {
  /** The job's own folder: what an earlier attempt left complete there is continued. */
  readonly folder: string
  /** The workspace's folder of models. */
  readonly models: string
  /** Aborts once the job should stop. */
  readonly signal: AbortSignal
  readonly progress: {
    measuring(step: string, unit: string, found: number): void
    working(step: string, unit: string, done: number, total: number): void
  }
  /** Call between pieces of work; throws when the job should stop. */
  checkpoint(): Promise<void>
  log(level: 'info' | 'warn', text: string): void
}
