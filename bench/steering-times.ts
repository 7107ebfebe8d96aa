// How long steering takes: the first token of a changed strength, and what batches cost beside one completion.
import { LoadedModel } from '../src/main/compute/loaded-model.ts'
import { Tokenizer } from '../src/main/llama/tokenizer.ts'
import type { ResolvedPlace } from '../src/main/steering/place.ts'
import type { SteerPlace } from '../src/shared/contract/compute-model.ts'
import { type SteeredBatch, steeredBatchSchema, STRIP_STRENGTHS } from '../src/shared/steering.ts'
import { device } from './llama.ts'
import { median, takingTurns } from './statistics.ts'
import { scripturePrompts } from './steering-words.ts'

const ROUNDS = 7
/** Strengths that a slider is let go at, for the time until their first token. */
const RELEASES = 60
const [PROMPT, TOKENS] = [64, 48]
/** The wanted p95 of the first token, and the most that batches may cost beside one completion. */
const [FIRST_MS, STRIP_COST, PAIR_COST] = [150, 3, 1.4]

/** Runs a batch to its end, or to its first token; milliseconds. */
async function timed(
  model: LoadedModel,
  place: SteerPlace,
  batch: SteeredBatch,
  until: 'end' | 'first' = 'end',
): Promise<number> {
  const stop = new AbortController()
  const begun = performance.now()
  for await (const event of model.steerer.run(place, batch, stop.signal)) {
    // the unsteered text's comes before it, of the same run
    if (until === 'first' && event.type === 'tokens' && event.row === batch.rows.length) break
  }
  return performance.now() - begun
}

/** Milliseconds of all processors that the work takes. */
function spent(work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
}

/** What is wanted is wanted of the demo model. */
export async function measureTimes(found: ResolvedPlace): Promise<void> {
  const { folder } = found.model
  const place: SteerPlace = { sae: found.sae, hook: found.hook, hash: null, norm: found.norm, anyName: false }
  const model = await LoadedModel.open({ folder, own: null, name: 'model', device, precision: 'auto' })
  const tokenizer = await Tokenizer.open(folder)
  const [words] = await scripturePrompts('heldout', 1, PROMPT)
  const ids = tokenizer.encodePrompt(words!).ids.slice(0, PROMPT)
  const long = tokenizer.decode(ids, { special: false, continues: false })
  // which one it is makes no difference to the time
  const feature = 0
  const batchOf = (strengths: readonly number[], more: object = {}) =>
    steeredBatchSchema.parse({
      ...{ prompt: long, maxTokens: TOKENS, sampling: { temperature: 1 }, ...more },
      rows: strengths.map((strength) => [{ feature, strength }]),
    })
  const alone = { prompt: long, maxTokens: TOKENS, sampling: batchOf([0]).sampling, stream: 0, stop: [] }
  const one = async () => {
    const begun = performance.now()
    for await (const event of model.generate([alone], new AbortController().signal)) void event
    return performance.now() - begun
  }
  const strip = STRIP_STRENGTHS.filter((strength) => strength !== 0)
  const sides = [
    one,
    () => timed(model, place, batchOf([1])),
    // with the unsteered text, which is the strip's 0
    () => timed(model, place, batchOf(strip)),
  ]
  const report = (unit: string, [single, pair, nine]: readonly (readonly number[])[]) => {
    const line = (name: string, side: readonly number[], most: number) => {
      const ratio = median(side.map((value, round) => value / single![round]!))
      console.log(
        `    ${name.padEnd(22)} ${median(side).toFixed(0).padStart(5)} ms of ${unit}, ${ratio.toFixed(2)} x one (wanted: below ${most})`,
      )
    }
    console.log(`    one completion         ${median(single!).toFixed(0).padStart(5)} ms of ${unit}`)
    line('unsteered and steered', pair!, PAIR_COST)
    line('a strip of nine', nine!, STRIP_COST)
  }
  console.log(`  ${TOKENS} tokens after a prompt of ${ids.length}, medians of ${ROUNDS} rounds in turn`)
  report('time', await takingTurns(ROUNDS, sides))
  // what else runs here takes time, and not this one's processor time
  report('processor time', await takingTurns(ROUNDS, sides.map(spent)))

  const firsts: number[] = []
  const processor: number[] = []
  for (let release = 0; release < RELEASES; release++) {
    const strength = 0.1 + (release % 20) / 10
    const first = async () => {
      firsts.push(await timed(model, place, batchOf([strength], { pinned: [feature] }), 'first'))
    }
    processor.push(await spent(first)())
  }
  console.log(
    `  first steered token of a changed strength, p50 and p95 of ${RELEASES}: ${halfAndMost(firsts)} ms (wanted: below ${FIRST_MS}), ${halfAndMost(processor)} ms of processor time`,
  )
}

function halfAndMost(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  return [0.5, 0.95].map((share) => sorted[Math.floor(share * sorted.length)]!.toFixed(0)).join(' and ')
}
