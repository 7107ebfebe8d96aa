// The model that is held for interactive work: one at a time, started when asked for, and every way it can end.
import { onTestFinished, describe, expect, it } from 'vitest'
import { forkCompute } from '../../../src/main/host/fork.ts'
import { ModelsEngine, type ModelsEngineOptions } from '../../../src/main/host/models-engine.ts'
import {
  completionSchema,
  type GenerationEvent,
  type ModelPrecision,
} from '../../../src/shared/generation.ts'
import { steeredBatchSchema, type SteeringEvent } from '../../../src/shared/steering.ts'

const cpu = {
  ...{ id: 'cpu', provider: 'cpu' as const, name: 'CPU', float16: false },
  ...{ attention: { float32: 'fused' as const, float16: null }, gflops: null, memory: null },
}
const gpu = { ...cpu, id: 'cuda:0', provider: 'cuda' as const, name: 'Some GPU' }
const rows = [completionSchema.parse({ prompt: 'Once' })]

/** An engine whose models behave as they are called. */
function engineWith(options: Partial<ModelsEngineOptions> = {}) {
  const engine = new ModelsEngine({
    launch: forkCompute({ entry: new URL('misbehaving.ts', import.meta.url) }),
    resolve: (name) => Promise.resolve({ folder: `/models/${name}`, own: null, name }),
    devices: () => Promise.resolve([cpu]),
    deviceJob: () => null,
    ...options,
  })
  onTestFinished(() => engine.close())
  const generate = (
    model: string,
    signal = new AbortController().signal,
    precision: ModelPrecision = 'auto',
  ) => {
    const told: (GenerationEvent | string)[] = []
    const listener = {
      waiting: (reason: string) => told.push(reason),
      event: (event: GenerationEvent) => told.push(event),
    }
    const done = engine.generate({ model, precision }, rows, listener, signal)
    done.catch(() => undefined)
    /** Resolves once the first token has come. */
    const begun = () => expect.poll(pid, { timeout: 20_000 }).toBeDefined()
    /** Of the process that generated, once it has. */
    const pid = () =>
      told.flatMap((event) => (typeof event !== 'string' && event.type === 'tokens' ? event.tokens : []))[0]
        ?.text
    return { done, told, begun, pid }
  }
  return { engine, generate }
}

describe('the held model', { timeout: 60_000 }, () => {
  it('is loaded once for any number of requests, and says what they wait for', async () => {
    const { generate } = engineWith()
    const [first, second] = [generate('good'), generate('good')]
    await Promise.all([first.done, second.done])
    const third = generate('good')
    await third.done
    expect(first.told).toContain('Loading good on CPU.')
    expect(first.told.slice(-2)).toEqual([
      { type: 'end', row: 0, reason: 'eos' },
      { type: 'done', tokensPerSecond: 10 },
    ])
    expect(third.told).not.toContain('Loading good on CPU.')
    expect(new Set([first.pid(), second.pid(), third.pid()]).size).toBe(1)
  })

  it('is loaded anew for another precision', async () => {
    const { generate } = engineWith()
    const first = generate('good')
    await first.done
    const second = generate('good', undefined, 'int4')
    await second.done
    expect(second.told).toContain('Loading good in int4 on CPU.')
    expect(second.pid()).not.toBe(first.pid())
  })

  it('makes way for another, and who was using it is told why', async () => {
    const { generate } = engineWith()
    const endless = generate('endless')
    await endless.begun()
    const other = generate('good')
    await expect(endless.done).rejects.toMatchObject({
      code: 'model/replaced',
      message: expect.stringContaining('good') as string,
    })
    await other.done
    expect(other.told).toContain('Ending endless.')
    expect(other.pid()).not.toBe(endless.pid())
  })

  it('names the precision when the same model is asked for in another one', async () => {
    const { generate } = engineWith()
    const endless = generate('endless')
    await endless.begun()
    const other = generate('endless', undefined, 'int4')
    await expect(endless.done).rejects.toMatchObject({
      message: 'The model endless was ended, because endless in int4 was asked for.',
    })
    await other.begun()
  })

  it('makes room for a job, is refused a device that a job works on, and may share the CPU', async () => {
    let [device, job]: [typeof cpu | typeof gpu, string | null] = [gpu, null]
    const { engine, generate } = engineWith({
      devices: () => Promise.resolve([device]),
      deviceJob: () => job,
    })
    expect(await engine.makeRoom()).toBeNull()
    const endless = generate('endless')
    await endless.begun()
    job = 'Train'
    expect(await engine.makeRoom()).toBe('endless')
    await expect(endless.done).rejects.toMatchObject({ code: 'model/evicted' })
    await expect(generate('good').done).rejects.toMatchObject({
      code: 'model/device-busy',
      message: 'The job "Train" works on Some GPU.',
    })
    device = cpu
    await generate('good').done
  })

  it('is ended when its checkpoint is removed, and not when another is', async () => {
    const { engine, generate } = engineWith()
    await engine.forget('/models/endless')
    const endless = generate('endless')
    await endless.begun()
    await engine.forget('/models/good')
    const pid = Number(endless.pid())
    expect(process.kill(pid, 0)).toBe(true)
    await engine.forget('/models/endless')
    expect(() => process.kill(pid, 0)).toThrow()
    await expect(endless.done).rejects.toMatchObject({
      code: 'model/removed',
      message: 'The model endless was ended, because it is being removed.',
    })
  })

  it('is ended after a while without requests, or on demand', async () => {
    const { engine, generate } = engineWith({ idle: 300 })
    const first = generate('endless')
    await first.begun()
    // a request that goes on keeps it, however long
    const before = first.told.length
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(first.told.length).toBeGreaterThan(before)
    await engine.unload()
    await expect(first.done).rejects.toMatchObject({ kind: 'cancelled' })
    const second = generate('good')
    await second.done
    await new Promise((resolve) => setTimeout(resolve, 900))
    const third = generate('good')
    await third.done
    expect(third.pid()).not.toBe(second.pid())
  })

  it('that crashes mid-stream keeps what came, says so, and starts again at the next request', async () => {
    const { engine, generate } = engineWith()
    const first = generate('crash')
    await expect(first.done).rejects.toMatchObject({
      code: 'model/crashed',
      message: 'The process that ran crash ended unexpectedly (SIGABRT).',
    })
    expect(first.pid()).toBeDefined()
    const second = generate('crash')
    await expect(second.done).rejects.toMatchObject({ code: 'model/crashed' })
    expect(second.pid()).not.toBe(first.pid())
    const abort = new AbortController()
    await expect(
      engine.analyse({ model: 'exit', precision: 'auto' }, 'Once', abort.signal),
    ).rejects.toMatchObject({
      code: 'model/crashed',
      message: expect.stringContaining('exit code 3') as string,
    })
  })

  it('that crashes while it loads, or freezes, is named too', async () => {
    const { generate } = engineWith({ frozenAfter: 6_000 })
    await expect(generate('load crash').done).rejects.toMatchObject({ code: 'model/crashed' })
    const blocked = generate('silent')
    await expect(blocked.done).rejects.toMatchObject({ code: 'model/frozen' })
  })

  it('that crashes while it is steered is named, what came until then stays, and the next request works', async () => {
    const { engine, generate } = engineWith()
    const told: SteeringEvent[] = []
    const place = { sae: '/sae', hook: 'blocks.0.hook_resid_post', hash: null, anyName: false }
    const batch = steeredBatchSchema.parse({ prompt: 'Once', rows: [[]] })
    const { signal } = new AbortController()
    const steered = engine.with(
      { model: 'crash', precision: 'auto' },
      () => undefined,
      signal,
      (process) =>
        process.stream(
          'model.steer',
          { place: { ...place, norm: { mean: 2, from: 'harvest' } }, batch },
          (event) => told.push(event),
          signal,
        ),
    )
    await expect(steered).rejects.toMatchObject({ code: 'model/crashed' })
    expect(told.map(({ type }) => type)).toEqual(['facts', 'tokens'])
    await generate('good').done
  })

  it('goes on after a cancelled request', async () => {
    const { generate } = engineWith()
    const abort = new AbortController()
    const endless = generate('endless', abort.signal)
    await endless.begun()
    abort.abort()
    await expect(endless.done).rejects.toMatchObject({ kind: 'cancelled' })
    const again = generate('endless')
    await again.begun()
    expect(again.pid()).toBe(endless.pid())
  })

  it('cannot be had without a device, or a model', async () => {
    const { generate } = engineWith({ devices: () => Promise.resolve([]) })
    await expect(generate('good').done).rejects.toMatchObject({ code: 'device/none' })
    const missing = engineWith({ resolve: () => Promise.reject(new Error('No such model.')) })
    await expect(missing.generate('good').done).rejects.toThrow('No such model.')
  })
})
