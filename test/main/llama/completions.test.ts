// Completions and analyses of the demo model: the reference's text, seeds, neighbours, whole characters, cancelling.
import { beforeAll, describe, expect, it } from 'vitest'
import { analyse } from '../../../src/main/llama/analyse.ts'
import { generate, type GenerationRow } from '../../../src/main/llama/generate.ts'
import { readGolden } from '../../../src/main/llama/golden.ts'
import { Llama } from '../../../src/main/llama/llama.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { samplingSchema } from '../../../src/shared/generation.ts'
import { cpuWith, demoLlama } from '../../helpers/llama.ts'

let llama: Llama
let tokenizer: Tokenizer

beforeAll(async () => {
  llama = await Llama.open(await openCheckpoint(demoLlama.folder), { device: cpuWith() })
  tokenizer = await Tokenizer.open(demoLlama.folder)
})

function rowOf(changes: Partial<GenerationRow> = {}): GenerationRow {
  const prompt = tokenizer.encodePrompt('The old sailor told the children').ids
  const sampling = samplingSchema.parse({ temperature: 1, topP: 1, seed: 11 })
  return { prompt, sampling, stream: 0, maxTokens: 20, stop: [], ...changes }
}

async function complete(rows: readonly GenerationRow[]) {
  const found = rows.map(() => ({ ids: [] as number[], text: '', logProbabilities: [] as number[] }))
  // a reference may go on after a token that ends texts
  const { vocabulary } = llama.config
  const endless = {
    positions: llama.positions,
    config: { vocabulary, eosIds: [] },
    forward: llama.forward.bind(llama),
  }
  for await (const event of generate(endless, tokenizer, rows)) {
    const row = event.type === 'tokens' ? found[event.row] : undefined
    if (event.type !== 'tokens' || !row) continue
    for (const { id, text, logProbability } of event.tokens) {
      row.ids.push(id)
      row.text += text
      row.logProbabilities.push(logProbability)
    }
  }
  return found
}

describe('a completion of the demo model', () => {
  it('is that of transformers when it always takes the most probable token', async () => {
    const golden = await readGolden(demoLlama.golden)
    const greedy = { ...rowOf().sampling, temperature: 0 }
    // generate() took the first token, 0, for padding, which the reference says is 0 too
    const prompt = Array.from(golden.ids.subarray(1, golden.tokens), Number)
    const [row] = await complete([rowOf({ prompt, sampling: greedy, maxTokens: golden.greedy.length })])
    expect(row?.ids).toEqual([...golden.greedy])
    expect(golden.greedy).toHaveLength(24)
  })

  it('is fixed by its seed, and does not know its neighbours', async () => {
    const rows = [
      rowOf(),
      rowOf({ stream: 1 }),
      rowOf({ sampling: { ...rowOf().sampling, seed: 12 } }),
      rowOf({ prompt: tokenizer.encodePrompt('In the beginning').ids, maxTokens: 8 }),
    ]
    const together = await complete(rows)
    const alone = await Promise.all(rows.map(async (row) => (await complete([row]))[0]))
    expect(together.map(({ ids }) => ids)).toEqual(alone.map((row) => row?.ids))
    expect(new Set(together.map(({ text }) => text)).size).toBe(4)
    expect(await complete(rows)).toEqual(together)
  })

  it('has the log-probabilities that an analysis of its text finds', async () => {
    const [row] = await complete([rowOf()])
    const text = `The old sailor told the children${row?.text ?? ''}`
    const { tokens } = await analyse(llama, tokenizer, text)
    const start = rowOf().prompt.length
    // the text may be cut into tokens otherwise; up to there they agree
    let same = 0
    while (same < 20 && tokens[start + same]?.id === row?.ids[same]) same++
    expect(same).toBeGreaterThan(3)
    for (let index = 0; index < same; index++) {
      expect(tokens[start + index]?.logProbability).toBeCloseTo(row?.logProbabilities[index] ?? 0, 3)
    }
  })

  it('shows whole characters only, at a temperature where the model writes bytes at random', async () => {
    const wild = { ...rowOf().sampling, temperature: 8 }
    const rows = [0, 1, 2, 3].map((stream) => rowOf({ stream, sampling: wild, maxTokens: 40 }))
    for (const { text, ids } of await complete(rows)) {
      expect(text.isWellFormed()).toBe(true)
      // nothing is lost but what the end cuts
      const whole = tokenizer.decode(ids, { special: false, continues: true })
      expect(whole.startsWith(text)).toBe(true)
      expect(whole.slice(text.length)).toMatch(/^\uFFFD?$/)
    }
  })

  it('is cancelled within one run', async () => {
    const abort = new AbortController()
    let runs = 0
    const counted = {
      positions: llama.positions,
      config: llama.config,
      forward: (...given: Parameters<Llama['forward']>) => (runs++, llama.forward(...given)),
    }
    const run = async () => {
      const events = generate(counted, tokenizer, [rowOf({ maxTokens: 400 })], { signal: abort.signal })
      for await (const event of events) {
        if (event.type === 'tokens' && runs === 5) setImmediate(() => abort.abort())
      }
    }
    await expect(run()).rejects.toMatchObject({ kind: 'cancelled' })
    expect(runs).toBeLessThanOrEqual(6)
  })
})

describe('an analysis of the demo model', () => {
  it('tells of every token where it lies, how probable it was and what was more so, and of every layer its norm', async () => {
    const text = 'The old sailor 🙂 told'
    const { tokens, norms, layers, leftOut } = await analyse(llama, tokenizer, text)
    const { ids, spans } = tokenizer.encodePrompt(text)
    expect(tokens.map(({ id }) => id)).toEqual(ids)
    expect(tokens.map(({ start, end }) => ({ start, end }))).toEqual(spans)
    expect(tokens[0]).toMatchObject({ text: '<|begin_of_text|>', logProbability: null, alternatives: [] })
    for (const { logProbability, alternatives } of tokens.slice(1)) {
      expect(alternatives).toHaveLength(5)
      const best = alternatives.map((alternative) => alternative.logProbability)
      expect(best).toEqual(best.toSorted((a, b) => b - a))
      expect(logProbability).toBeLessThanOrEqual(best[0] ?? 0)
    }
    expect([layers, norms.length, leftOut]).toEqual([6, 7 * ids.length, 0])
    expect(norms.every((norm) => norm > 0)).toBe(true)
  })

  it('reads the beginning of a long text, in as many runs as its logits need', async () => {
    const forward = async (...[batch, options]: Parameters<Llama['forward']>) => {
      expect(options.logitsAt.length).toBeLessThanOrEqual(168)
      return llama.forward(batch, options)
    }
    const long = 'the sea and '.repeat(300)
    const wide = { positions: 300, config: llama.config, forward }
    const { vocabulary } = llama.config
    const whole = await analyse({ ...wide, forward: llama.forward.bind(llama) }, tokenizer, long)
    expect(whole.tokens).toHaveLength(300)
    expect(whole.leftOut).toBe(tokenizer.encodePrompt(long).ids.length - 300)
    const inParts = await analyse(wide, tokenizer, long, undefined, 168 * vocabulary)
    expect(inParts.tokens).toEqual(whole.tokens)
  })

  it('of no text has BOS alone, and nothing to judge', async () => {
    const { tokens, norms } = await analyse(llama, tokenizer, '')
    expect(tokens).toHaveLength(1)
    expect(norms).toHaveLength(7)
  })
})
