// What a corpus is and what is taken of it, as forms ask for it, manifests keep it and the page shows it.
import { z } from 'zod'
import { field } from './config.ts'
import { count, seed } from './schema-parts.ts'

/** Tokens of a text are estimated as its UTF-16 characters through this; English prose has a little more, code less. */
export const CHARACTERS_PER_TOKEN = 4

export const corpusSpecSchema = z.object({
  path: field(z.string().min(1), {
    label: 'Corpus',
    help: 'A folder, a file, or a data set of the Hugging Face Hub: "hf:OWNER/NAME[@revision][#config/split]".',
    input: 'path',
  }),
  textField: field(z.string().min(1).default('text'), {
    label: 'Text field',
    help: 'Where JSON lines, Parquet and CSV keep the text; a dotted path reaches into objects.',
  }),
  stratumField: field(z.string().min(1).optional(), {
    label: 'Stratum field',
    help: 'What a record belongs to, for example "meta.pile_set_name". In folders it is the first folder unless given.',
  }),
  languageField: field(z.string().min(1).optional(), {
    label: 'Language field',
    help: 'Where a record says its language, for example "meta.lang"; it is not guessed.',
  }),
  /** Globs for the files of a folder; text, Markdown, code, JSON lines, Parquet and CSV unless given. */
  include: z.array(z.string().min(1)).min(1).optional(),
})
/** What to read, as it is written into the manifest. */
export type CorpusSpec = z.input<typeof corpusSpecSchema>

export const skipReasonSchema = z.enum([
  /** A file that may not be read, or that vanished. */
  'unreadable',
  /** A link to a folder that was read already, or that leads nowhere; a pipe, a socket or a device. */
  'not-a-file',
  /** A file that holds no text. */
  'binary',
  /** What is left of a file whose compression or structure is broken. */
  'damaged',
  /** A line or row that does not have its file's format. */
  'malformed',
  /** A record without the text field, or with something else than text in it. */
  'no-text',
  'empty',
  /** A line, row or group of rows larger than is held in memory. */
  'too-long',
  /** The same text as an earlier document. */
  'duplicate',
  /** A document the sample leaves out. */
  'not-sampled',
])
export type SkipReason = z.output<typeof skipReasonSchema>

/** How each reason reads behind a number: "12 without the text field". */
export const skipWords: Readonly<Record<SkipReason, string>> = {
  unreadable: 'unreadable',
  'not-a-file': 'no regular file',
  binary: 'binary',
  damaged: 'damaged',
  malformed: 'malformed',
  'no-text': 'without the text field',
  empty: 'empty',
  'too-long': 'too long',
  duplicate: 'duplicates',
  'not-sampled': 'not in the sample',
}

export const skippedSchema = z.object({
  ordinal: count,
  source: z.string(),
  reason: skipReasonSchema,
  detail: z.string(),
})
export type Skipped = z.output<typeof skippedSchema>

export const strataSchema = z.array(
  z.object({ name: z.string().nullable(), documents: count, characters: count }),
)
/** Documents and characters by stratum or language, the largest first; null gathers those that have none. */
export type Strata = z.output<typeof strataSchema>

const moreSchema = z.object({ names: count, documents: count, characters: count })
/** Strata or languages that are not listed, added up. */
export type MoreStrata = z.output<typeof moreSchema>

export const corpusLedgerSchema = z.object({
  /** Everything read: used and skipped. */
  read: count,
  used: count,
  skipped: z.partialRecord(skipReasonSchema, count),
  characters: count,
  /** Characters of used documents that stand for bytes which are no text in their file's encoding. */
  replaced: count,
  strata: strataSchema,
  languages: strataSchema,
  /** The first few hundred of what was skipped for a fault of its own. */
  faults: z.array(skippedSchema),
})
/** What became of everything that was read; `read` is `used` and all of `skipped` together. */
export type CorpusLedger = z.output<typeof corpusLedgerSchema>

export const corpusPreviewSchema = z.object({
  files: count,
  bytes: count,
  /** The first documents that were looked at; `text` is their beginning, `characters` counts all of it. */
  documents: z.array(
    z.object({
      source: z.string(),
      text: z.string(),
      characters: count,
      stratum: z.string().nullable(),
      language: z.string().nullable(),
    }),
  ),
  /**
   * The ledger of what was looked at; without a language field no document has a language. Of strata and languages the
   * largest are listed, and `more` adds up the others.
   */
  sample: corpusLedgerSchema,
  more: z.object({ strata: moreSchema, languages: moreSchema }),
  /** Files of text that were looked at, by the encoding they were found to have, the most frequent first. */
  encodings: z.array(z.object({ encoding: z.string(), files: count })),
  /** True when everything was looked at. */
  complete: z.boolean(),
  estimate: z.object({
    /** Of the whole corpus; null when no file could be looked at. */
    tokens: count.nullable(),
    charactersPerToken: z.number(),
    /** Tokens of the documents shown, as a model's tokenizer counts them; null for the rule of thumb. */
    counted: count.nullable(),
  }),
})
export type CorpusPreview = z.output<typeof corpusPreviewSchema>

/** Data sets of the Hub whose fields are known. */
export const corpusPresets: readonly {
  readonly label: string
  readonly help: string
  readonly spec: CorpusSpec
}[] = [
  {
    label: 'The Pile, uncopyrighted',
    help: 'English prose, code, papers and law from 17 sources; 335 GB compressed, fetched file by file.',
    spec: { path: 'hf:monology/pile-uncopyrighted', textField: 'text', stratumField: 'meta.pile_set_name' },
  },
]

const tokens = z.number().int().positive()

export const sampleSpecSchema = z
  .object({
    method: z.enum(['head', 'reservoir', 'stratified']).default('head'),
    seed: seed.default(0),
    /** Shares of what has no quota: by name (a stratum that is not named has none), or a rule. */
    weights: z
      .union([z.enum(['equal', 'proportional']), z.record(z.string(), z.number().nonnegative())])
      .optional(),
    /** Tokens that a stratum gets, whatever its share would be. */
    quotas: z.record(z.string(), tokens).optional(),
    by: z.enum(['stratum', 'language']).optional(),
    /** Documents and skipped items that are looked at; everything unless given. */
    survey: z.number().int().positive().optional(),
  })
  .refine(
    ({ method, weights, quotas, by }) =>
      method === 'stratified' || (weights === undefined && quotas === undefined && by === undefined),
    { message: 'Weights, quotas and what to stratify by belong to stratified samples' },
  )
/** Which documents are taken: the first; a random choice; or a random choice of given size from each stratum. */
export type SampleSpec = z.input<typeof sampleSpecSchema>

/** The samples a person is offered. */
export const samplePresets: readonly {
  readonly id: string
  readonly label: string
  readonly help: string
  readonly spec: SampleSpec
}[] = [
  {
    id: 'head',
    label: 'First documents',
    help: 'In the order of the corpus; starts at once.',
    spec: { method: 'head', seed: 0 },
  },
  {
    id: 'reservoir',
    label: 'Random documents',
    help: 'Every document is as likely as any other; the corpus is read twice.',
    spec: { method: 'reservoir', seed: 0 },
  },
  {
    id: 'equal',
    label: 'Equal per domain',
    help: 'As many tokens of each stratum; what a small one lacks goes to the others.',
    spec: { method: 'stratified', seed: 0, weights: 'equal', by: 'stratum' },
  },
  {
    id: 'proportional',
    label: 'Proportional',
    help: 'Random documents, with each stratum’s share of tokens kept.',
    spec: { method: 'stratified', seed: 0, weights: 'proportional', by: 'stratum' },
  },
  {
    id: 'languages',
    label: 'Equal per language',
    help: 'As many tokens of each language; needs a language field.',
    spec: { method: 'stratified', seed: 0, weights: 'equal', by: 'language' },
  },
]
