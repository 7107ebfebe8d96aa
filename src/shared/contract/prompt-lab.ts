// The prompt lab over the wire: its sets, its runs, and what came of them.
import { z } from 'zod'
import { labRunSchema, listedRunSchema, listedSetSchema, promptSetSchema } from '../prompt-lab.ts'
import { command, latest, nothing, query } from './define.ts'

const ofId = z.object({ id: z.string().min(1).max(100) })
const labSchema = z.object({ sets: z.array(listedSetSchema), runs: z.array(listedRunSchema) })
const runStateSchema = z.object({
  /** Prompts that were read, and all of them. */
  done: z.number().int(),
  total: z.number().int(),
  /** Id of the run, once it is saved. */
  run: z.string().nullable(),
})

/** What takes a set rejects `lab/no-set`; what changes one rejects `lab/starter` for those that come with Monoscope. */
export const promptLabContract = {
  /** All sets, those that come with Monoscope first; and all runs, the newest first. */
  'lab.watch': latest(nothing, labSchema),
  'lab.set': query(ofId, promptSetSchema),
  /** A new set, or another content of the one with that id. */
  'lab.saveSet': command(
    z.object({ id: z.string().max(100).nullable(), set: promptSetSchema }),
    listedSetSchema,
  ),
  'lab.duplicateSet': command(ofId, listedSetSchema),
  'lab.removeSet': command(ofId, nothing),
  /** A set from the text of a JSON file; rejects `lab/bad-file`. */
  'lab.importSet': command(z.object({ text: z.string().max(20_000_000) }), listedSetSchema),
  /** The text of a JSON file that `lab.importSet` reads. */
  'lab.exportSet': query(ofId, z.object({ name: z.string(), text: z.string() })),
  /**
   * Reads every prompt of one set, or of two that are contrasted, and saves what came of it. Ends when it is saved.
   * Rejects what `features.read` rejects, and `lab/same-set`.
   */
  'lab.run': latest(
    z.object({ sae: z.string().min(1), a: z.string().max(100), b: z.string().max(100).nullable() }),
    runStateSchema,
  ),
  /** Rejects `lab/no-run`. */
  'lab.result': query(ofId, labRunSchema),
  'lab.removeResult': command(ofId, nothing),
}
