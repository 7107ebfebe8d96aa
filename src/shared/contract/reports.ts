// Reports over the wire: the list of those that are finished, their files, and deleting them. Making one is a job (`report`).
import { z } from 'zod'
import { reportSchema } from '../report.ts'
import { command, latest, nothing, query } from './define.ts'

const reports = z.array(reportSchema)

/** What names one rejects `report/unknown`. */
export const reportsContract = {
  /** The newest first, and all of them again after every change. */
  'reports.watch': latest(nothing, reports),
  /** A piece of a file, from `offset` on; rejects `report/no-file` for one it does not have. */
  'reports.read': query(
    z.object({ id: z.string().min(1), file: z.string().min(1), offset: z.number().int().nonnegative() }),
    z.object({ bytes: z.instanceof(Uint8Array), total: z.number() }),
  ),
  /**
   * Prints its HTML to a PDF beside it, whose path it gives. Rejects `report/no-pdf` where the host has no desktop, and
   * `report/no-file` for a report without HTML.
   */
  'reports.pdf': command(z.object({ id: z.string().min(1) }), z.object({ path: z.string() })),
  'reports.remove': command(z.object({ id: z.string().min(1) }), z.object({ freedBytes: z.number() })),
}
