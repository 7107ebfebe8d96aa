// Generation on a model of numbers: rows by themselves and together, ends, stop strings, whole characters, cancelling.
import { describe, expect, it } from 'vitest'
import { generate, type GenerationRow } from '../../../src/main/llama/generate.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { type GenerationEvent, samplingSchema } from '../../../src/shared/generation.ts'
import { logSumOf } from '../../helpers/llama.ts'
import { fakeModel } from './fake-model.ts'

const tokenizer = await Tokenizer.open('resources/demo/model')
const V = 4096

function rowOf(changes: Partial<GenerationRow> = {}): GenerationRow {
  const sampling = samplingSchema.parse({ temperature: 1, seed: 5 })
  return { prompt: [0, 10, 11], sampling, stream: 0, maxTokens: 12, stop: [], ...changes }
}

interface Text {
  ids: number[]
  texts: string[]
  text: string
  end: string | undefined
}

/** What each row came to. */
async function texts(
  model: ReturnType<typeof fakeModel>['model'],
  rows: readonly GenerationRow[],
): Promise<Text[]> {
  const found = rows.map((): Text => ({ ids: [], texts: [], text: '', end: undefined }))
  for await (const event of generate(model, tokenizer, rows)) {
    if (event.type === 'prompt' || event.type === 'done') continue
    const row = found[event.row]
    if (!row) throw new Error('No such row.')
    // nothing follows the end
    expect(row.end).toBeUndefined()
    if (event.type === 'end') row.end = event.reason
    else {
      for (const { id, text } of event.tokens) {
        row.ids.push(id)
        row.texts.push(text)
        row.text += text
      }
    }
  }
  return found
}

/** The completion when the model says exactly `said`. */
async function saying(said: string, changes: Partial<GenerationRow> = {}): Promise<Text> {
  const script = [...tokenizer.encode(said, { special: false }).ids, 1]
  const { model } = fakeModel({ vocabulary: V, eosIds: [1], script, positions: 200 })
  const sampling = { ...rowOf().sampling, temperature: 0 }
  const [text] = await texts(model, [rowOf({ sampling, maxTokens: 100, ...changes })])
  if (!text) throw new Error('No row.')
  return text
}

describe('a row', () => {
  it('is fixed by its prompt, knobs, seed and stream, whatever its neighbours are', async () => {
    const { model } = fakeModel({ vocabulary: 50 })
    const rows = [
      rowOf(),
      rowOf({ stream: 1 }),
      rowOf({ prompt: [0, 3, 4, 5, 6] }),
      rowOf({ sampling: { ...rowOf().sampling, seed: 6 }, maxTokens: 3 }),
      rowOf({ sampling: { ...rowOf().sampling, temperature: 0 } }),
      rowOf(),
    ]
    const together = await texts(model, rows)
    const alone = await Promise.all(rows.map(async (row) => (await texts(model, [row]))[0]))
    expect(together).toEqual(alone)
    expect(together[5]).toEqual(together[0])
    const others = together.slice(1, 5).map(({ ids }) => ids.join())
    expect(new Set([together[0]?.ids.join(), ...others]).size).toBe(5)
  })

  it('runs with those of its length, and the prompt only once', async () => {
    const { model, runs } = fakeModel({ vocabulary: 50 })
    await texts(model, [rowOf({ maxTokens: 2 }), rowOf({ prompt: [0] }), rowOf({ maxTokens: 3 })])
    expect(runs.slice(0, 4).map(({ rows, tokens }) => [rows, tokens])).toEqual([
      [2, 3],
      [2, 1],
      [2, 1],
      [1, 1],
    ])
  })

  it('penalises what its prompt and its own text have', async () => {
    const { model } = fakeModel({ vocabulary: 30 })
    const sampling = { ...rowOf().sampling, repetitionPenalty: 10 }
    const prompt = Array.from({ length: 15 }, (_, id) => id)
    const [row] = await texts(model, [rowOf({ prompt, sampling, maxTokens: 12 })])
    const fresh = row?.ids.filter((id, index) => id >= 15 && row.ids.indexOf(id) === index)
    const [free] = await texts(model, [rowOf({ prompt, maxTokens: 12 })])
    const without = free?.ids.filter((id, index) => id >= 15 && free.ids.indexOf(id) === index)
    expect(fresh?.length).toBeGreaterThan((without?.length ?? 0) + 2)
  })
})

describe('steering', () => {
  it('gives each row its doses at every run, and spares special tokens when asked to', async () => {
    const features = [{ direction: new Float32Array(4) }]
    const dose = { mode: 'add', amount: 2 } as const
    const rows = [rowOf({ maxTokens: 2 }), rowOf({ maxTokens: 2, doses: [dose] })]
    for (const sparesSpecial of [true, false]) {
      const { model, runs } = fakeModel({ vocabulary: 50 })
      const events = generate(model, tokenizer, rows, { steering: { features, sparesSpecial } })
      for await (const event of events) expect(event).toBeDefined()
      expect(runs).toHaveLength(2)
      for (const { steering } of runs) expect(steering?.rows).toEqual([[null], [dose]])
      // the prompt begins with BOS
      const chosen = runs[0]?.steering?.tokens
      expect(chosen && [...chosen]).toEqual(sparesSpecial ? [0, 1, 1, 0, 1, 1] : undefined)
    }
  })
})

describe('the end of a text', () => {
  it('is a token that ends texts, which has no text', async () => {
    const { text, texts, end } = await saying('The sea.')
    expect([text, end, texts.at(-1)]).toEqual(['The sea.', 'eos', ''])
  })

  it('is the length that was asked for', async () => {
    const { ids, end } = await saying('The old sailor sang.', { maxTokens: 3 })
    expect([ids.length, end]).toEqual([3, 'length'])
  })

  it('is the end of the context', async () => {
    const { model } = fakeModel({ vocabulary: 50, positions: 10 })
    const [row] = await texts(model, [rowOf({ maxTokens: 100 })])
    expect([row?.ids.length, row?.end]).toEqual([7, 'context'])
  })

  it('must have room: a prompt that fills the context is refused with both numbers', async () => {
    const { model, runs } = fakeModel({ vocabulary: 50, positions: 3 })
    await expect(texts(model, [rowOf()])).rejects.toMatchObject({
      code: 'generate/context',
      message: expect.stringMatching(/3 tokens.*3,/) as string,
    })
    await expect(texts(model, [rowOf({ prompt: [] })])).rejects.toMatchObject({ code: 'generate/empty' })
    expect(runs).toEqual([])
  })
})

describe('numbers that are not finite', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('end the run in words: %d', async (wrong) => {
    for (const place of [0, 5, V - 1]) {
      const { model } = fakeModel({ vocabulary: V })
      const broken: typeof model = {
        ...model,
        forward: async (batch, options) => {
          const forward = await model.forward(batch, options)
          forward.logits[place] = wrong
          forward.logSums[0] = logSumOf(forward.logits.subarray(0, V))
          return forward
        },
      }
      await expect(texts(broken, [rowOf(), rowOf()])).rejects.toMatchObject({ code: 'generate/not-finite' })
    }
  })
})

describe('stop strings', () => {
  it.each([
    ['One. Two. Three.', ['. Th'], 'One. Two'],
    ['One. Two. Three.', ['Four', 'Two'], 'One. '],
    ['The old sailor sang.', ['ailor sa'], 'The old s'],
    ['The old sailor sang.', ['never'], 'The old sailor sang.'],
    // a beginning of it that goes on otherwise is shown
    ['aab', ['aac'], 'aab'],
    ['aaab', ['aab'], 'a'],
    ['ends with the', ['the end'], 'ends with the'],
    ['a 🙂 b 👩‍👩‍👧 c', ['👩‍👧'], 'a 🙂 b 👩‍'],
    ['\n\nHuman:', ['\n\nHuman:'], ''],
  ])('of %j with %j show %j', async (said, stop, shown) => {
    const { text, end } = await saying(said, { stop })
    expect(text).toBe(shown)
    expect(end).toBe(shown === said ? 'eos' : 'stop')
  })

  it('are never shown in part while the text streams', async () => {
    const script = tokenizer.encode('The old sailor sang.', { special: false }).ids
    const { model } = fakeModel({ vocabulary: V, script, positions: 200 })
    const sampling = { ...rowOf().sampling, temperature: 0 }
    let shown = ''
    for await (const event of generate(model, tokenizer, [rowOf({ sampling, stop: ['d sailor'] })])) {
      if (event.type === 'tokens') shown += event.tokens.map(({ text }) => text).join('')
      expect('The ol'.startsWith(shown)).toBe(true)
    }
    expect(shown).toBe('The ol')
  })
})

describe('what is told beside tokens', () => {
  it('begins with the length of each prompt, and ends with the speed of all but the first tokens', async () => {
    const { model } = fakeModel({ vocabulary: 50 })
    const told: GenerationEvent[] = []
    const rows = [rowOf({ maxTokens: 5 }), rowOf({ prompt: [0, 1], maxTokens: 1 })]
    for await (const event of generate(model, tokenizer, rows)) told.push(event)
    expect(told[0]).toEqual({ type: 'prompt', tokens: [3, 2] })
    const last = told.at(-1)
    expect(last?.type === 'done' && last.tokensPerSecond).toBeGreaterThan(10)
    const once: GenerationEvent[] = []
    for await (const event of generate(model, tokenizer, [rowOf({ maxTokens: 1 })])) once.push(event)
    expect(once.at(-1)).toEqual({ type: 'done', tokensPerSecond: null })
  })
})

describe('streaming', () => {
  it('shows whole characters only, each with the token that completes it', async () => {
    const { texts, text } = await saying('naïve 日本語 👩‍👩‍👧')
    expect(text).toBe('naïve 日本語 👩‍👩‍👧')
    for (const part of texts) expect(part.isWellFormed() && !part.includes('\uFFFD')).toBe(true)
  })

  it('leaves out a character that the end cuts', async () => {
    const { text, end } = await saying('a 🙂', { maxTokens: 4 })
    expect([text, end]).toEqual(['a ', 'length'])
  })

  it('tells of a token before the next run, and stops within one run when it is cancelled', async () => {
    const { model, runs } = fakeModel({ vocabulary: 50 })
    const abort = new AbortController()
    const events: GenerationEvent[] = []
    const run = async () => {
      for await (const event of generate(model, tokenizer, [rowOf()], { signal: abort.signal })) {
        // the first event is about the prompt
        expect(runs).toHaveLength(events.length)
        events.push(event)
        if (events.length === 5) setImmediate(() => abort.abort())
      }
    }
    await expect(run()).rejects.toMatchObject({ kind: 'cancelled' })
    expect(runs).toHaveLength(4)
  })
})
