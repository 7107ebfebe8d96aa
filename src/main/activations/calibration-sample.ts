// The contexts that thresholds are measured on: drawn by the seed from all the sample, and never from its beginning alone.
import type { StratumShare } from '../corpus/sample.ts'
import { noise } from '../llama/noise.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import type { Specimen } from '../store/sample-plan.ts'
import { ContextPacker, type PackerOptions } from '../tokens/context-packer.ts'
import { tokenized } from '../tokens/tokenized-document.ts'

/** A stream of the seed's noise. */
const STREAM = 4

/** `count` of `contexts`, one from each of so many parts of them; all where there are fewer. */
export function drawEvenly<T>(contexts: readonly T[], count: number, seed: number): readonly T[] {
  if (contexts.length <= count) return contexts
  return Array.from({ length: count }, (_, turn) => {
    const place = ((turn + noise(seed, STREAM, turn)) * contexts.length) / count
    return contexts[Math.min(Math.floor(place), contexts.length - 1)]!
  })
}

export interface SpecimenOptions {
  readonly count: number
  readonly seed: number
  /** T, tokens of a full context. */
  readonly length: number
  readonly tokenizer: Tokenizer
}

/**
 * About `count` contexts (the ids of each) of `specimens`: of each stratum as large a part as the sample has of it, and
 * one of each document before a second of any.
 */
export function drawFromSpecimens(
  specimens: readonly Specimen[],
  strata: readonly StratumShare[],
  { count, seed, length, tokenizer }: SpecimenOptions,
): readonly Int32Array[] {
  const total = strata.reduce((sum, { chosen }) => sum + chosen, 0)
  const packer = { length, packing: 'document', bos: tokenizer.bosId } as const
  return strata.flatMap(({ name, chosen }) => {
    const wanted = Math.round((count * chosen) / Math.max(1, total))
    const own = specimens.filter(({ stratum }) => stratum === name)
    const drawn: Int32Array[] = []
    // a stratum is cut into contexts only as far as it is needed
    const cut = new Map<number, readonly Int32Array[]>()
    for (let turn = 0, before = -1; drawn.length < wanted && drawn.length > before; turn++) {
      before = drawn.length
      for (const specimen of own) {
        if (drawn.length === wanted) break
        const { ordinal } = specimen
        const contexts = cut.get(ordinal) ?? contextsOf(specimen, tokenizer, packer)
        cut.set(ordinal, contexts)
        if (turn >= contexts.length) continue
        const first = Math.floor(noise(seed, STREAM, ordinal) * contexts.length)
        drawn.push(contexts[(first + turn) % contexts.length]!)
      }
    }
    return drawn
  })
}

function contextsOf(specimen: Specimen, tokenizer: Tokenizer, options: PackerOptions): Int32Array[] {
  const { ids } = tokenized(specimen, tokenizer)
  const sentences = new Uint32Array(ids.length)
  const packer = new ContextPacker(options)
  const contexts = [...packer.add({ ordinal: specimen.ordinal, ids, sentences }), ...packer.end()]
  return contexts.map((context) => context.ids)
}
