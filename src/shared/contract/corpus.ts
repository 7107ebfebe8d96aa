// A first look at a corpus over the wire, before anything is harvested from it.
import { z } from 'zod'
import { corpusPreviewSchema, corpusSpecSchema } from '../corpus.ts'
import { nothing, query } from './define.ts'

export const corpusContract = {
  /**
   * Looks at the beginnings of some files; with a model (an id or a folder) its tokenizer, if it has one, counts what was looked at.
   * Cancelled with the call. Rejects `corpus/…` for what holds no text, `hub/…`, `disk/…`, `models/…`.
   */
  'corpus.preview': query(
    z.object({ spec: corpusSpecSchema, model: z.string().min(1).optional() }),
    corpusPreviewSchema,
  ),
  /** Corpora whose fields are known: the one that comes with Monoscope, and data sets of the Hub. */
  'corpus.presets': query(
    nothing,
    z.array(z.object({ label: z.string(), help: z.string(), spec: corpusSpecSchema })),
  ),
}
