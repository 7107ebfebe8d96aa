// Steering over the wire, from the demo model in a process of its own: strips, what replaces what, errors, and recovery.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import type { MeasureState, SteeringState, SweepState } from '../../../src/shared/contract/steering.ts'
import type { ErrorData } from '../../../src/shared/errors.ts'
import { STRIP_STRENGTHS } from '../../../src/shared/steering.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { testHost } from '../../helpers/host.ts'
import { randomSae } from '../../helpers/random-sae.ts'

const model = resolve('resources/demo/model')
const hook = 'blocks.3.hook_resid_post'
const prompt = 'The old sailor'

async function host() {
  // its probe in software takes half a minute
  setEnvironment({ VK_ICD_FILENAMES: '/no/such.json' })
  const { client, workspace } = await testHost()
  const put = async (name: string, metadata: object, D = 192) => {
    const folder = join(workspace, 'saes', name)
    await mkdir(folder, { recursive: true })
    await writeSae(folder, randomSae('topk', D, 64, { metadata: { ...metadata } }), null)
  }
  await put('own', { hook_name: hook, model_name: 'somebody/Model' })
  type Names = 'steering.run' | 'steering.strip' | 'steering.sweep' | 'steering.measure'
  const ask = <S = SteeringState>(name: Names, input: object) => {
    const seen: { states: S[]; error: ErrorData | undefined } = { states: [], error: undefined }
    let stop: () => void = () => undefined
    const ended = new Promise<typeof seen>((done) => {
      stop = client.subscribe(name, { sae: 'own', model, ...input } as never, {
        state: (state) => seen.states.push(state as S),
        end: (error) => done(Object.assign(seen, { error })),
      })
    })
    onTestFinished(() => stop())
    return { seen, ended }
  }
  return { client, put, ask }
}

const textsOf = (state: SteeringState | undefined) =>
  state?.rows.map(({ tokens }) => tokens.map(({ text }) => text).join('')) ?? []

describe('a host', { timeout: 120_000 }, () => {
  it('streams strips, replaces stale ones, sweeps, measures, says what is wrong, and recovers', async () => {
    const { client, put, ask } = await host()
    const interventions = [{ feature: 5 }]
    const place = await client.call('steering.place', { sae: 'own', model })
    expect(place).toMatchObject({
      hook,
      features: 64,
      norm: null,
      normFrom: 'sample',
      reads: 'encoder',
      chat: false,
    })

    const strip = { prompt, interventions, maxTokens: 8, pinned: [5] }
    const { states, error } = await ask('steering.strip', strip).ended
    expect(error).toBeUndefined()
    const last = states.at(-1)!
    expect(last).toMatchObject({ done: true, waiting: null, facts: { hook, normFrom: 'sample' } })
    expect(last.facts!.norm).toBeGreaterThan(50)
    const [unsteered, ...steered] = textsOf(last)
    expect(steered).toHaveLength(STRIP_STRENGTHS.length)
    expect(steered[STRIP_STRENGTHS.indexOf(0)]).toBe(unsteered)
    expect(new Set(steered).size).toBeGreaterThan(4)
    expect(last.rows.every(({ end }) => end === 'length')).toBe(true)
    // one at a time gives the same
    const single = { ...strip, rows: [[{ feature: 5, strength: 1 }]] }
    const alone = textsOf((await ask('steering.run', single).ended).states.at(-1))
    expect(alone).toEqual([unsteered, steered[STRIP_STRENGTHS.indexOf(1)]])
    // and so does a plain completion, of the model that now has a hook
    const plain = await new Promise<string>((done) => {
      let text = ''
      client.subscribe(
        'model.generate',
        { model, rows: [{ prompt, maxTokens: 8 }] },
        {
          state: ({ rows }) => (text = rows[0]!.tokens.map((token) => token.text).join('')),
          end: () => done(text),
        },
      )
    })
    expect(plain).toBe(unsteered)

    const long = ask('steering.strip', { ...strip, maxTokens: 400, replaces: 'thumb' })
    await expect
      .poll(() => textsOf(long.seen.states.at(-1))[0]?.length ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0)
    const next = ask('steering.strip', { ...strip, strengths: [0.25], replaces: 'thumb' })
    expect((await long.ended).error).toMatchObject({ kind: 'cancelled' })
    expect((await next.ended).states.at(-1)).toMatchObject({ done: true })

    const swept = await ask<SweepState>('steering.sweep', {
      ...{ prompt, interventions, maxTokens: 6, samples: 2, strengths: [0, 0.5] },
    }).ended
    expect(swept.states.at(-1)).toMatchObject({
      done: 4,
      total: 4,
      points: [{ strength: 0 }, { strength: 0.5 }],
    })
    const measured = await ask<MeasureState>('steering.measure', {
      ...{ prompts: [prompt], interventions, maxTokens: 6, samples: 2, strengths: [1] },
      target: { kind: 'words', words: ['the'] },
    }).ended
    expect(measured.states.at(-1)).toMatchObject({
      points: [{ strength: 1, steered: { texts: 2 }, random: { texts: 2 } }],
    })
    expect((await client.call('steering.sets', undefined)).map(({ id }) => id)).toEqual([
      ...['occupations', 'capitals', 'clinical', 'spanish', 'french'],
    ])

    await put('narrow', { hook_name: hook }, 64)
    await put('deep', { hook_name: 'blocks.9.hook_resid_post' })
    await put('nowhere', {})
    await put('foreign', { hook_name: hook, model_name: 'owner/gpt2' })
    const rows = [[{ feature: 5 }]]
    const wrong = async (input: object) =>
      (await ask('steering.run', { prompt, rows, maxTokens: 4, ...input }).ended).error
    expect(await wrong({ sae: 'none' })).toMatchObject({ code: 'sae/unknown' })
    expect(await wrong({ sae: 'nowhere' })).toMatchObject({ code: 'steering/no-hook' })
    expect(await wrong({ sae: 'foreign', model: undefined })).toMatchObject({
      code: 'steering/no-model',
      message: expect.stringContaining('owner/gpt2') as string,
    })
    expect(await wrong({ sae: 'foreign' })).toMatchObject({ code: 'sae/other-model' })
    expect(await wrong({ sae: 'foreign', anyName: true })).toBeUndefined()
    expect(await wrong({ sae: 'narrow' })).toMatchObject({
      code: 'sae/other-width',
      message: expect.stringMatching(/64 .*192/) as string,
    })
    expect(await wrong({ sae: 'deep' })).toMatchObject({
      code: 'hook/unknown',
      message: expect.stringContaining('blocks.9') as string,
      hint: expect.stringContaining('blocks.5') as string,
    })
    expect(await wrong({ rows: [[{ feature: 64 }]] })).toMatchObject({ code: 'steering/no-feature' })
    expect(await wrong({ prompt: 'sea '.repeat(600) })).toMatchObject({ code: 'generate/context' })
    expect(await wrong({ prompt: [{ role: 'user', content: 'Hello' }] })).toMatchObject({
      code: 'chat/no-template',
    })
    const ablating = { prompt, interventions: [{ feature: 5, mode: 'ablate' }] }
    expect((await ask('steering.strip', ablating).ended).error).toMatchObject({ code: 'steering/slider' })

    const endless = ask('steering.run', { prompt, rows, maxTokens: 400 })
    await expect
      .poll(() => textsOf(endless.seen.states.at(-1))[1]?.length ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(0)
    await client.call('model.unload', undefined)
    expect((await endless.ended).error).toMatchObject({ message: 'The model was unloaded.' })
    expect(textsOf(endless.seen.states.at(-1))[1]).not.toBe('')
    expect(await wrong({})).toBeUndefined()
  })
})
