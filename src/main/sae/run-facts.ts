// What the folder of an SAE that was trained here says of its training (runner_cfg.json).
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { expected } from '../../shared/errors.ts'
import { trainConfigSchema } from '../../shared/sae.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import { RUNNER } from './sae-folder.ts'

const batches = z.record(z.string(), z.number())

const runSchema = z.object({
  kind: z.literal('sae'),
  format: z.literal(1),
  config: trainConfigSchema,
  /** Of one trained beside others: their job, what was swept ("k=16,24"), and which of them it is ("k = 16"). */
  sweep: z.object({ job: z.string(), of: z.string(), name: z.string() }).optional(),
  /** Rows were multiplied by this before they were trained on. */
  scale: z.number(),
  steps: z.number(),
  /** Share of the last attempt's time in which rows were waited for; older runs do not say it. */
  waiting: z.number().optional(),
  /** Rows of a batch → how many such batches were handed out. */
  batches: z.object({ train: batches, validation: batches }),
  model: z.object({ name: z.string(), hash: z.string(), hook: z.string(), width: z.number() }),
  /** Null for rows that came live from the model. */
  harvest: z.object({ path: z.string(), tokens: z.number() }).nullable(),
  validation: z
    .object({
      ...{ rows: z.number(), fvu: z.number(), l0: z.number(), dead: z.number() },
      ...{ shrinkage: z.number(), cosine: z.number() },
    })
    .nullable(),
})
export type RunFacts = z.infer<typeof runSchema>

/** Throws `disk/…`. */
export async function writeRun(folder: string, facts: RunFacts): Promise<void> {
  await writeFileAtomic(join(folder, RUNNER), `${JSON.stringify(runSchema.parse(facts), undefined, 2)}\n`)
}

/** Null for an SAE from elsewhere. Throws `sae/foreign` for one of ours that cannot be read. */
export async function readRun(folder: string): Promise<RunFacts | null> {
  const path = join(folder, RUNNER)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const json: unknown = JSON.parse(text)
    // SAELens writes a file of this name, too
    if ((json as { kind?: unknown } | null)?.kind !== 'sae') return null
    return runSchema.parse(json)
  } catch (error) {
    throw expected(
      'sae/foreign',
      `${path} cannot be read as an SAE’s training.`,
      'It may be damaged, or of a newer version.',
      error,
    )
  }
}
