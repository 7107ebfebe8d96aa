// The JSON of a report, as docs/report.schema.json publishes it for other programs.
import { z } from 'zod'
import { featureNoteSchema } from './feature-notes.ts'
import { featurePageSchema } from './features.ts'
import { labRunSchema } from './prompt-lab.ts'
import { trainingCurvesSchema } from './saes.ts'
import { sessionSchema } from './steering-sessions.ts'

const pieceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('heading'), title: z.string(), note: z.string() }),
  z.object({
    kind: z.literal('feature'),
    feature: z.object({
      sae: z.string(),
      label: z.string().nullable(),
      note: featureNoteSchema.optional(),
      page: featurePageSchema,
    }),
  }),
  z.object({
    kind: z.literal('training'),
    training: z.object({
      sae: z.string(),
      /** How it was trained; null for an SAE from elsewhere. */
      run: z.looseObject({}).nullable(),
      evaluation: z.looseObject({ ceRecovered: z.number(), kl: z.number() }).nullable(),
      curves: trainingCurvesSchema,
    }),
  }),
  /** `labels` are those of its features, by their numbers. */
  z.object({ kind: z.literal('lab'), run: labRunSchema, labels: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('session'), session: sessionSchema }),
])

const reportJsonSchema = z.object({
  kind: z.literal('monoscope-report'),
  format: z.literal(1),
  title: z.string(),
  /** When it was written. */
  at: z.iso.datetime(),
  /** Markdown. */
  notes: z.string(),
  contents: z.array(pieceSchema),
  /** What is needed to make it again: versions, trainings, indexes with model, corpus and ledger. */
  sources: z.looseObject({}),
})

/** In JSON columns of numbers are lists, in which null stands for what is no number. */
export function reportSchemaText(): string {
  const schema = z.toJSONSchema(reportJsonSchema, {
    io: 'output',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type !== 'custom') return
      Object.assign(jsonSchema, { type: 'array', items: { type: ['number', 'null'] } })
    },
  })
  return JSON.stringify({ title: 'A report of Monoscope', ...schema }, undefined, 2)
}
