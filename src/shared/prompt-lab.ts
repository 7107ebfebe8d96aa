// The prompt lab as every process sees it: sets of prompts, and what the features of an SAE make of one or two of them.
// Letters: F features, n features that fired.
import { z } from 'zod'

const floats = z.custom<Float32Array>((value) => value instanceof Float32Array)
const whole = z.custom<Uint32Array>((value) => value instanceof Uint32Array)
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

/** Prompts of a set, and characters of a prompt. */
export const MOST_PROMPTS = 2_000
export const LONGEST_PROMPT = 8_000

const text = z
  .string()
  .max(LONGEST_PROMPT, `A prompt has at most ${LONGEST_PROMPT} characters.`)
  .refine((prompt) => prompt.trim() !== '', 'A prompt is empty.')
const name = z.string().trim().min(1, 'It needs a name.').max(120, 'Its name is too long.')
const source = z.string().max(1_000).default('')
/** A tag of a language, such as "en" or "pt-BR". */
const language = z.string().regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, 'It is no tag of a language.')
const languages = z
  .tuple([language, language])
  .refine(([one, other]) => one !== other, 'The two languages are the same.')

/** `translations` has the same texts in the second of the languages, in the same order; null for one that is not parallel. */
export const promptSetSchema = z
  .object({
    name,
    source,
    prompts: z.array(text).min(1, 'It has no prompts.').max(MOST_PROMPTS),
    parallel: z.object({ languages, translations: z.array(text).max(MOST_PROMPTS) }).nullable(),
  })
  .refine(
    ({ prompts, parallel }) => parallel === null || parallel.translations.length === prompts.length,
    'Every prompt of a parallel set needs its translation.',
  )
export type PromptSet = z.infer<typeof promptSetSchema>

/** How a set is written to a file; a parallel one has pairs instead of prompts. */
const plainFileSchema = z.object({ name, source, prompts: z.array(text).min(1).max(MOST_PROMPTS) })
const parallelFileSchema = z.object({
  name,
  source,
  languages,
  pairs: z.array(z.record(z.string(), z.string())).min(1).max(MOST_PROMPTS),
})
export const promptFileSchema = z.union([parallelFileSchema, plainFileSchema]).transform((file) => {
  if ('prompts' in file) return { ...file, parallel: null }
  const [first, second] = file.languages
  return {
    name: file.name,
    source: file.source,
    prompts: file.pairs.map((pair) => pair[first] ?? ''),
    parallel: { languages: file.languages, translations: file.pairs.map((pair) => pair[second] ?? '') },
  }
})

/** What `promptFileSchema` reads. */
export function promptFile({ name: called, source: from, prompts, parallel }: PromptSet): string {
  const head = { name: called, source: from }
  if (!parallel) return `${JSON.stringify({ ...head, prompts }, null, 1)}\n`
  const [first, second] = parallel.languages
  const pairs = prompts.map((prompt, at) => ({ [first]: prompt, [second]: parallel.translations[at] }))
  return `${JSON.stringify({ ...head, kind: 'parallel', languages: parallel.languages, pairs }, null, 1)}\n`
}

/** A set in a list, without its prompts. */
export const listedSetSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** It comes with Monoscope, and can be copied but not changed. */
  starter: z.boolean(),
  prompts: z.number().int(),
  languages: z.tuple([z.string(), z.string()]).nullable(),
  /** SHA-256 of what it holds. */
  hash: z.string(),
})
export type ListedSet = z.infer<typeof listedSetSchema>

/** What of a prompt's tokens counts: their mean, the last one, or the strongest one. Special tokens never count. */
export const labMeasures = ['all', 'last', 'max'] as const
export type LabMeasure = (typeof labMeasures)[number]

/** What a feature is across two languages; the place is the number in `relation`. */
export const relations = ['other', 'independent', 'first', 'second'] as const
export type Relation = (typeof relations)[number]

const sideSchema = z.object({
  set: z.string(),
  name: z.string(),
  hash: z.string(),
  /** Of a parallel set. */
  language: z.string().nullable(),
  prompts: z.number().int(),
})
export type LabSide = z.infer<typeof sideSchema>

/** A run in a list, without its numbers. */
export const listedRunSchema = z.object({
  id: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  sae: z.object({ id: z.string(), hash: z.string(), features: z.number().int() }),
  /** One set; two that are contrasted; or one parallel set, a side for each language. */
  kind: z.enum(['single', 'contrast', 'parallel']),
  sides: z.array(sideSchema).min(1).max(2),
  /** Prompts of which the end was left out, because they were too long. */
  cut: z.number().int(),
})
export type ListedRun = z.infer<typeof listedRunSchema>

const measureSchema = z.object({
  /** (n) of each side: the mean over its prompts. */
  means: z.array(floats),
  /** (n): Cohen's d of the first side against the second; NaN where nothing varies. Null for a single side. */
  effect: floats.nullable(),
})

/** Of all features that fired in any prompt; the others are 0 everywhere. */
export const labRunSchema = listedRunSchema.extend({
  /** (n), ascending. */
  features: whole,
  measures: z.object({ all: measureSchema, last: measureSchema, max: measureSchema }),
  /** (n) of each side: the share of its prompts in which it fires at all. */
  shares: z.array(floats),
  /** (n): see `relations`; and in how many pairs it fires in both. Null where sides are no translations. */
  relation: bytes.nullable(),
  both: whole.nullable(),
})
export type LabRun = z.infer<typeof labRunSchema>

/** The whole table of a run as CSV, the features in ascending order; a number that there is not is empty. */
export function labCsv(run: LabRun): string {
  const sides = run.sides.map((_, side) => ['a', 'b'][side]!)
  const head = [
    'feature',
    ...labMeasures.flatMap((measure) => [
      ...sides.map((side) => `mean_${measure}_${side}`),
      ...(sides.length > 1 ? [`difference_${measure}`, `cohens_d_${measure}`] : []),
    ]),
    ...sides.map((side) => `share_${side}`),
    ...(run.relation ? ['pairs_both', 'relation'] : []),
  ]
  const lines = Array.from(run.features, (feature, at) => [
    feature,
    ...labMeasures.flatMap((measure) => {
      const { means, effect } = run.measures[measure]
      const values = means.map((mean) => mean[at]!)
      return [
        ...values.map(figure),
        ...(effect ? [figure(values[0]! - values[1]!), figure(effect[at]!)] : []),
      ]
    }),
    ...run.shares.map((share) => figure(share[at]!)),
    ...(run.relation ? [run.both?.[at] ?? 0, relationWords(run, relations[run.relation[at]!]!)] : []),
  ])
  return `${[head, ...lines].map((line) => line.join(',')).join('\r\n')}\r\n`
}

/** What a run is called, by its sets. */
export function labTitle({ kind, sides }: Pick<LabRun, 'kind' | 'sides'>): string {
  const names = sides.map(({ name }) => name)
  return kind === 'contrast' ? names.join(' against ') : (names[0] ?? 'Prompt lab')
}

/** "Across languages", "en", "es". */
export function relationWords({ sides }: Pick<LabRun, 'sides'>, relation: Relation): string {
  if (relation === 'independent') return 'across languages'
  if (relation === 'other') return 'other'
  return sides[relation === 'first' ? 0 : 1]?.language ?? relation
}

function figure(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : ''
}
