// Completions and analyses over the wire, from the demo model in a process of its own.
import { resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { GenerationState } from '../../../src/shared/contract/generation.ts'
import type { ErrorData } from '../../../src/shared/errors.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'

const model = resolve('resources/demo/model')
const rows = [{ prompt: 'The old sailor', sampling: { seed: 4 }, maxTokens: 12 }]

async function host() {
  // its probe in software takes half a minute
  setEnvironment({ VK_ICD_FILENAMES: '/no/such.json' })
  const { client } = await testHost()
  const generate = (input: { model: string; rows: typeof rows }) => {
    const seen: { states: GenerationState[]; error: ErrorData | undefined } = { states: [], error: undefined }
    let stop: () => void = () => undefined
    const ended = new Promise<typeof seen>((done) => {
      stop = client.subscribe('model.generate', input, {
        state: (state) => seen.states.push(state),
        end: (error) => done(Object.assign(seen, { error })),
      })
    })
    onTestFinished(() => stop())
    return { seen, ended, stop: () => stop() }
  }
  return { client, generate }
}

const textOf = (state: GenerationState | undefined) =>
  state?.rows[0]?.tokens.map(({ text }) => text).join('') ?? ''

describe('a host', { timeout: 120_000 }, () => {
  it('streams completions, analyses texts, and gives way to a job that needs the device', async () => {
    const { client, generate } = await host()
    expect(await client.call('model.abilities', { model })).toEqual({ chat: false })
    const { states, error } = await generate({ model, rows }).ended
    expect(error).toBeUndefined()
    const last = states.at(-1)
    expect(last).toMatchObject({ done: true, waiting: null, rows: [{ end: 'length', promptTokens: 6 }] })
    expect(last?.tokensPerSecond).toBeGreaterThan(0)
    expect(states.map(({ waiting }) => waiting)).toContain(`Loading ${model} on CPU.`)
    for (const [index, state] of states.entries()) {
      expect(textOf(state).startsWith(textOf(states[index - 1]))).toBe(true)
    }
    expect(textOf((await generate({ model, rows }).ended).states.at(-1))).toBe(textOf(last))

    const analysis = await client.call('model.analyse', { model, text: 'The old sailor' })
    expect(analysis.tokens).toHaveLength(6)
    expect(analysis.norms).toHaveLength(7 * 6)

    // 500 tokens of context take their time
    const long = generate({ model, rows: rows.map((row) => ({ ...row, maxTokens: 10_000 })) })
    await expect.poll(() => textOf(long.seen.states.at(-1)).length, { timeout: 20_000 }).toBeGreaterThan(0)
    const { id } = await client.call('jobs.start', { kind: 'benchmark', params: { device: 'cpu' } })
    const { error: ended } = await long.ended
    expect(ended).toMatchObject({ code: 'model/evicted' })
    await client.call('jobs.cancel', { id })
    await jobUntil(client, id, ({ state }) => state === 'cancelled' || state === 'done')
    const log = await client.call('jobs.logPage', { id, before: 1e9, limit: 100 })
    expect(log.map(({ text }) => text)).toContain(
      `Ended the model ${model}, which was held for interactive work.`,
    )
  })

  it('says what is wrong with what it is asked', async () => {
    const { generate } = await host()
    const ask = async (input: { model?: string; prompt?: string | object[]; maxTokens?: number }) => {
      const row = { ...rows[0], ...input } as (typeof rows)[number]
      return (await generate({ model: input.model ?? model, rows: [row] }).ended).error
    }
    expect(await ask({ model: '/no/such' })).toMatchObject({ code: 'models/unknown' })
    expect(await ask({ prompt: [{ role: 'user', content: 'Hello' }] })).toMatchObject({
      code: 'chat/no-template',
      message: expect.stringContaining(`The model ${model} has no chat template`) as string,
    })
    expect(await ask({ prompt: 'sea '.repeat(600) })).toMatchObject({
      code: 'generate/context',
      message: expect.stringMatching(/\d{3,} tokens.* has 512/) as string,
    })
    expect(await ask({ maxTokens: 0 })).toMatchObject({ code: 'wire/input' })
  })
})
