// One suite over every kind of port: what works on one works on all.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MonoscopeError } from '../../../src/shared/errors.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { limits, PROTOCOL_VERSION } from '../../../src/shared/wire/frames.ts'
import { testContract, type TestContract } from './contract.ts'
import { type Joined, portKinds } from './ports.ts'

const garbage: readonly [string, unknown][] = [
  ['no object', 42],
  ['no known type', { t: 'nonsense' }],
  ['a number that is none', { t: 'cancel', id: -1 }],
  ['missing parts', { t: 'call', id: 1 }],
  ['a frame of the other direction', { t: 'ok', id: 1 }],
]

describe.each(Object.keys(portKinds))('wire over %s', (kind) => {
  let joined: Joined
  let client: Client<TestContract>

  beforeEach(async () => {
    joined = await (portKinds[kind] as () => Promise<Joined> | Joined)()
    client = new Client(testContract, joined.port, { app: 'test' })
    await client.opened
  })
  afterEach(async () => joined.dispose())

  it('answers queries, with defaults filled in', async () => {
    expect(await client.call('add', { a: 2, b: 3 })).toBe(5)
    expect(await client.call('add', { a: 2 })).toBe(3)
  })

  it('carries errors with kind, code and hint; a slip is a bug', async () => {
    const expectedError = await client.call('fail', { how: 'expected' }).catch((error: unknown) => error)
    expect(expectedError).toBeInstanceOf(MonoscopeError)
    expect(expectedError).toMatchObject({
      kind: 'expected',
      code: 'test/wrong',
      message: 'That was wrong.',
      hint: 'Do it right.',
    })
    await expect(client.call('fail', { how: 'bug' })).rejects.toMatchObject({
      kind: 'bug',
      cause: expect.stringContaining('TypeError: a slip') as string,
    })
  })

  it('names the field of bad input, and unknown procedures', async () => {
    await expect(client.call('add', { a: 'x' as never })).rejects.toMatchObject({
      code: 'wire/input',
      message: expect.stringContaining('a: ') as string,
    })
    await expect(client.call('nothing' as never, undefined as never)).rejects.toMatchObject({
      code: 'wire/unknown',
    })
    await expect(client.call('toString' as never, undefined as never)).rejects.toMatchObject({
      code: 'wire/unknown',
    })
  })

  it('cancels: rejects at once, and reaches the AbortSignal of the handler', async () => {
    const abort = new AbortController()
    const hanging = client.call('hang', undefined, { signal: abort.signal })
    await client.call('add', { a: 1 })
    abort.abort()
    await expect(hanging).rejects.toMatchObject({ kind: 'cancelled' })
    await expect.poll(() => client.call('cancellations', undefined)).toBe(1)
  })

  it('runs commands one after the other, and queries beside them', async () => {
    const commands = Promise.all([20, 10, 5].map((ms) => client.call('slowly', { ms })))
    let done = false
    void commands.then(() => (done = true))
    await client.call('add', { a: 1 })
    expect(done).toBe(false)
    expect(await commands).toEqual([1, 1, 1])
  })

  it('carries large binary both ways as it is', async () => {
    const numbers = Float32Array.from({ length: 4_000_000 }, (_none, index) => Math.fround(index * 0.1))
    const doubled = await client.call('double', { numbers })
    expect(doubled.numbers).toBeInstanceOf(Float32Array)
    expect(doubled.numbers.length).toBe(numbers.length)
    expect(doubled.numbers[3_999_999]).toBe(Math.fround((numbers.at(-1) ?? 0) * 2))
  })

  it('streams a snapshot, then every change in order, then the end', async () => {
    const states: number[] = []
    await new Promise<void>((resolve) =>
      client.subscribe('count', { to: 5 }, { state: (sum) => states.push(sum), end: () => resolve() }),
    )
    expect(states).toEqual([0, 1, 3, 6, 10, 15])
  })

  it('loses nothing of a lossless flood', async () => {
    const to = Math.min(20_000, limits.backlog)
    let last = 0
    let events = 0
    await new Promise<void>((resolve, reject) =>
      client.subscribe(
        'count',
        { to },
        {
          state: (sum) => {
            events++
            last = sum
          },
          end: (error) => (error ? reject(new Error(error.message)) : resolve()),
        },
      ),
    )
    expect(events).toBe(to + 1)
    expect(last).toBe((to * (to + 1)) / 2)
  })

  it('merges what a busy receiver cannot take, and delivers the last', async () => {
    const final = await new Promise<{ last: number; received: number }>((resolve) => {
      let state = { last: -1, received: 0 }
      client.subscribe('meter', { to: 10_000 }, { state: (now) => (state = now), end: () => resolve(state) })
    })
    expect(final.last).toBe(10_000)
    expect(final.received).toBeLessThan(100)
  })

  it('unsubscribing stops the events and reaches the handler', async () => {
    let states = 0
    const stop = client.subscribe('forever', undefined, { state: () => states++ })
    await expect.poll(() => states).toBe(1)
    stop()
    await client.call('add', { a: 1 })
    expect(states).toBe(1)
  })

  it('answers or refuses each call of a flood', async () => {
    const calls = Array.from({ length: 6_000 }, (_none, a) => client.call('add', { a, b: 0 }))
    const settled = await Promise.allSettled(calls)
    for (const [index, result] of settled.entries()) {
      if (result.status === 'fulfilled') expect(result.value).toBe(index)
      else expect(result.reason).toMatchObject({ code: 'wire/busy' })
    }
    expect(await client.call('add', { a: 1 })).toBe(2)
  })

  it('rejects what is under way when the other side goes', async () => {
    const hanging = client.call('hang', undefined)
    const ended = new Promise((resolve) =>
      client.subscribe('forever', undefined, { state: () => undefined, end: resolve }),
    )
    await client.call('add', { a: 1 })
    joined.cut()
    await expect(hanging).rejects.toMatchObject({ code: 'wire/closed' })
    expect(await ended).toMatchObject({ code: 'wire/closed' })
    await expect(client.call('add', { a: 1 })).rejects.toMatchObject({ code: 'wire/closed' })
  })

  it.each(garbage)('parts from a peer that sends %s, saying so', async (_what, raw) => {
    joined.sendRaw(raw)
    expect(await client.closed).toMatchObject({ kind: 'expected', code: 'wire/malformed' })
  })
})

describe.each(Object.keys(portKinds))('handshake over %s', (kind) => {
  it.each([
    ['another version', { t: 'hello', protocol: PROTOCOL_VERSION + 1, app: 'Monoscope 9' }, 'wire/version'],
    ['no introduction', { t: 'call', id: 1, method: 'add', input: { a: 1 } }, 'wire/malformed'],
  ])('refuses %s', async (_what, first, code) => {
    const joined = await (portKinds[kind] as () => Promise<Joined> | Joined)()
    const frames: { t?: string; error?: { code: string; message: string } }[] = []
    const closed = new Promise<void>((resolve) =>
      joined.port.listen({ onFrame: (raw) => frames.push(raw as never), onClose: () => resolve() }),
    )
    joined.port.send(first as never)
    await closed.catch(() => undefined)
    const bye = frames.find((frame) => frame.t === 'bye')
    expect(bye?.error?.code).toBe(code)
    if (code === 'wire/version') {
      expect(bye?.error?.message).toContain(`${PROTOCOL_VERSION + 1}`)
      expect(bye?.error?.message).toContain(`${PROTOCOL_VERSION}`)
    }
    await joined.dispose()
  })
})
