// The demo over the wire: how far it is, and what a person may do about it.
import { z } from 'zod'
import { demoSchema } from '../demo.ts'
import { command, latest, nothing, query } from './define.ts'

export const demoContract = {
  'demo.watch': latest(nothing, demoSchema),
  /**
   * Begins, or goes on where it stopped; one that is done is begun anew. While it runs nothing more happens. Rejects
   * `demo/left-out` where model and corpus did not come with Monoscope.
   */
  'demo.start': command(nothing, demoSchema),
  /** Cancels what is under way; what is there is kept. */
  'demo.skip': command(nothing, demoSchema),
  /** Of what it has made that which is still there, as people are told of it. */
  'demo.made': query(nothing, z.array(z.object({ name: z.string(), bytes: z.number() }))),
  /** Removes that, with the jobs; rejects `demo/running`, and what removing each of them rejects. */
  'demo.remove': command(nothing, z.object({ freedBytes: z.number() })),
  /** How it ended needs not be said any more. */
  'demo.dismiss': command(nothing, demoSchema),
  /** The tour was taken or skipped, and is not offered again. */
  'demo.endTour': command(nothing, demoSchema),
}
