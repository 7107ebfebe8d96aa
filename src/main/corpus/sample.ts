// Which documents of a corpus a harvest takes: chosen by a seed, each text once, the same however often it is interrupted.
import { createHash } from 'node:crypto'
import {
  CHARACTERS_PER_TOKEN,
  type SampleSpec,
  sampleSpecSchema,
  type SkipReason,
} from '../../shared/corpus.ts'
import type { z } from 'zod'
import { cancelled, expected } from '../../shared/errors.ts'
import { SamplePlan, type Specimen } from '../store/sample-plan.ts'
import { changed, type CorpusDocument, type CorpusItem, type FileMark } from './corpus.ts'
import { sharesOf } from './shares.ts'

/** Reads a corpus from a file on, as `readCorpus` does; it is called anew for each time that the corpus is read. */
export type CorpusReader = (range: {
  readonly start?: FileMark
  readonly onFile: (mark: FileMark) => void
}) => AsyncIterable<CorpusItem>

/** What is taken of a stratum, in estimated tokens. */
export interface StratumShare {
  readonly name: string | null
  readonly documents: number
  readonly available: number
  readonly wanted: number
  /** At least what is wanted of what is available: documents are not cut. */
  readonly chosen: number
}

export interface SampleOptions {
  /** Tokens wanted of samples that are chosen; a 'head' goes on until its caller stops, who alone counts tokens. */
  readonly tokens: number
  /** Path of the SQLite file that keeps the plan; one that is there is continued. */
  readonly plan: string
  /** The first ordinal that is still wanted; 0 unless given. */
  readonly from?: number
  /** Tokens a document is counted as; by its characters unless given. The same document must always count the same. */
  readonly estimate?: (document: CorpusDocument) => number
  readonly signal?: AbortSignal
  /** The survey has looked at so many items. */
  readonly onSurvey?: (items: number) => void
  /** What is taken of each stratum, told once before the first item. */
  readonly onPlan?: (strata: readonly StratumShare[]) => void
  /** Told once before the first item of a sample that is chosen: some of its documents, wherever they are in the corpus. */
  readonly onSpecimens?: (specimens: readonly Specimen[]) => void
}

type Sample = z.output<typeof sampleSpecSchema>

/** Specimens of all strata together, if those are not more, and the characters that are kept of each. */
const [SPECIMENS, SPECIMEN_LENGTH] = [256, 8_192]
/** Strata that can be told apart; a field with more values is no stratum but a name. */
const MOST_STRATA = 10_000

/**
 * The items of the corpus in its order from `options.from` on: documents that are taken, and everything else as
 * skipped, so that they add up to what was read. Exact duplicates are 'duplicate' behind the first, documents left
 * out 'not-sampled'. 'reservoir' and 'stratified' read the corpus twice, the first time to survey it: documents are
 * ordered by a hash of seed and ordinal, and the first of a stratum are taken until its tokens are reached. Memory is
 * constant. Throws `sample/…`, `corpus/changed`, `disk/…`, and what the reader throws.
 */
export async function* sampleCorpus(
  corpus: CorpusReader,
  spec: SampleSpec,
  options: SampleOptions,
): AsyncGenerator<CorpusItem> {
  const sample = sampleSpecSchema.parse(spec)
  const plan = SamplePlan.open(options.plan)
  try {
    refuseOther(plan, sample, options)
    if (sample.method === 'head') {
      yield* head(corpus, plan, sample, options)
      return
    }
    if (plan.note('chosen') === null) {
      await survey(corpus, plan, sample, options)
      plan.setNote('chosen', JSON.stringify(choose(plan, sample, options.tokens)))
      plan.commit()
    }
    options.onPlan?.(JSON.parse(plan.note('chosen') ?? '[]') as StratumShare[])
    options.onSpecimens?.(plan.specimens(specimensOf(plan.strata().length)))
    yield* chosen(corpus, plan, sample, options)
  } finally {
    plan.close()
  }
}

/** Each text that was not seen before; the hashes are of everything read so far. */
async function* head(
  corpus: CorpusReader,
  plan: SamplePlan,
  sample: Sample,
  options: SampleOptions,
): AsyncGenerator<CorpusItem> {
  const { from = 0 } = options
  for await (const { item, ordinal } of itemsFrom(from, corpus, plan, sample, options)) {
    const first = item.kind === 'document' ? plan.claim(hashOf(item.document), ordinal) : ordinal
    if (ordinal < from) continue
    yield first === ordinal ? item : skipped(item, 'duplicate', `the same text as document ${first}`)
  }
}

/** Looks at everything once; an interrupted survey continues with the file it had come to. */
async function survey(
  corpus: CorpusReader,
  plan: SamplePlan,
  sample: Sample,
  options: SampleOptions,
): Promise<void> {
  const { estimate = estimatedTokens, onSurvey } = options
  const strata = new Set<string | null>()
  for await (const { item, ordinal } of itemsFrom(Infinity, corpus, plan, sample, options)) {
    onSurvey?.(ordinal + 1)
    if (item.kind === 'skipped') continue
    const { document } = item
    if (plan.claim(hashOf(document), ordinal) !== ordinal) continue
    const stratum = stratumOf(document, sample)
    strata.add(stratum)
    if (strata.size > MOST_STRATA) throw tooManyStrata(sample)
    const key = keyOf(sample.seed, ordinal)
    plan.addCandidate({ ordinal, stratum, key, tokens: estimate(document) })
    const { language } = document
    const text = beginningOf(document.text)
    plan.addSpecimen({ ordinal, stratum, key, language, text }, specimensOf(strata.size))
  }
}

/** Of a stratum; with more strata fewer, so that those that are right in the end were never dropped before. */
function specimensOf(strata: number): number {
  return Math.max(1, Math.floor(SPECIMENS / Math.max(1, strata)))
}

/** Half a character at the end is left away. */
function beginningOf(text: string): string {
  return text.slice(0, SPECIMEN_LENGTH).replace(/[\ud800-\udbff]$/, '')
}

function choose(plan: SamplePlan, sample: Sample, tokens: number): StratumShare[] {
  const strata = plan.strata()
  if (sample.method === 'stratified' && strata.every(({ name }) => name === null)) throw noStrata(sample)
  const wanted = sharesOf(strata, tokens, sample)
  const taken = plan.choose(wanted)
  return strata.map(({ name, documents, tokens: available }) => ({
    name,
    documents,
    available,
    wanted: wanted.get(name) ?? 0,
    chosen: taken.get(name) ?? 0,
  }))
}

/** Reads the corpus again and hands out what was chosen of it. */
async function* chosen(
  corpus: CorpusReader,
  plan: SamplePlan,
  sample: Sample,
  options: SampleOptions,
): AsyncGenerator<CorpusItem> {
  const { from = 0 } = options
  for await (const { item, ordinal } of itemsFrom(from, corpus, plan, sample, options)) {
    if (ordinal < from) continue
    if (item.kind === 'skipped') {
      yield item
      continue
    }
    const first = plan.firstOf(hashOf(item.document))
    if (first === null || first > ordinal) throw changed(`${item.document.source} has another text`)
    if (first < ordinal) yield skipped(item, 'duplicate', `the same text as document ${first}`)
    else if (plan.isChosen(ordinal)) yield item
    else yield skipped(item, 'not-sampled', 'the sample leaves it out')
  }
}

/** All that the sample may look at, from the last file known that has nothing of `from` before it. Throws `cancelled`. */
async function* itemsFrom(
  from: number,
  corpus: CorpusReader,
  plan: SamplePlan,
  { survey: limit = Infinity }: Sample,
  { signal }: SampleOptions,
): AsyncGenerator<{ readonly item: CorpusItem; readonly ordinal: number }> {
  const start = plan.markAt(Math.min(from, Number.MAX_SAFE_INTEGER))
  for await (const item of corpus({ ...(start && { start }), onFile: (mark) => plan.addMark(mark) })) {
    if (signal?.aborted) throw cancelled()
    const ordinal = item.kind === 'document' ? item.document.ordinal : item.ordinal
    if (ordinal >= limit) return
    yield { item, ordinal }
  }
}

function skipped(item: CorpusItem, reason: SkipReason, detail: string): CorpusItem {
  const { ordinal, source } = item.kind === 'document' ? item.document : item
  return { kind: 'skipped', ordinal, source, reason, detail }
}

function stratumOf(document: CorpusDocument, { method, by }: Sample): string | null {
  if (method !== 'stratified') return null
  return by === 'language' ? document.language : document.stratum
}

/** 128 bits of SHA-256: two texts of a corpus that share them are the same. */
function hashOf({ text }: CorpusDocument): Uint8Array {
  return createHash('sha256').update(text).digest().subarray(0, 16)
}

/** 48 random bits for a document. */
function keyOf(seed: number, ordinal: number): number {
  return createHash('sha256').update(`${seed}:${ordinal}`).digest().readUIntBE(0, 6)
}

function estimatedTokens({ text }: CorpusDocument): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

/** A plan belongs to one sample; continued with another it would give neither. */
function refuseOther(plan: SamplePlan, sample: Sample, { tokens, plan: path }: SampleOptions): void {
  const purpose = JSON.stringify([
    sample.method,
    sample.seed,
    tokens,
    sample.by,
    sample.survey,
    sample.weights,
    sample.quotas,
  ])
  const earlier = plan.note('purpose')
  if (earlier === null) plan.setNote('purpose', purpose)
  else if (earlier !== purpose) {
    throw expected(
      'sample/other-plan',
      `${path} is the plan of another sample.`,
      'Begin a new harvest for another sample.',
    )
  }
}

function tooManyStrata({ by = 'stratum' }: Sample): Error {
  return expected(
    'sample/too-many-strata',
    `More than ${MOST_STRATA} values are in the field of the ${by}.`,
    'Choose a field that says to which group a document belongs.',
  )
}

function noStrata({ by = 'stratum' }: Sample): Error {
  return expected(
    'sample/no-strata',
    `No document of the corpus has a ${by}.`,
    `Name the field that holds the ${by}, or take a random sample that is not stratified.`,
  )
}
