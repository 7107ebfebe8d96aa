// What the wire does at its limits: slow readers, floods, hostile bytes, and values of every binary type.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type Contract,
  type Handlers,
  command,
  nothing,
  query,
  stream,
} from '../../../src/shared/contract/define.ts'
import type { MonoscopeError } from '../../../src/shared/errors.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { decodeBytes, encodeFrame } from '../../../src/shared/wire/codec.ts'
import { type Frame, limits, PROTOCOL_VERSION } from '../../../src/shared/wire/frames.ts'
import { Inbox } from '../../../src/shared/wire/inbox.ts'
import { Link, type LinkStatus } from '../../../src/shared/wire/link.ts'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import type { Port } from '../../../src/shared/wire/port.ts'
import { Service } from '../../../src/shared/wire/service.ts'
import { testContract, testHandlers } from './contract.ts'
import { portKinds } from './ports.ts'

const tick = () => new Promise((resolve) => setImmediate(resolve))

function served<C extends Contract>(contract: C, handlers: Handlers<C>) {
  const [near, far] = loopback()
  new Service(contract, handlers, { app: 'service' }).connect(far)
  return near
}

describe('a slow reader', () => {
  const contract = {
    count: stream({ input: nothing, snapshot: z.number(), delta: z.number(), apply: (_old, now) => now }),
  }
  /** Counts to `to`, half as fast again as the reader below reads: at the end a third of it waits. */
  const counting = (to: number): Handlers<typeof contract> => ({
    count: async (_none, sink) => {
      sink.snapshot(0)
      for (let value = 1; value <= to; value++) {
        sink.delta(value)
        if (value % 48 === 0) await tick()
      }
      sink.end()
    },
  })

  it('gets all of 100,000 changes in order, never more than the window at once', async () => {
    const to = 100_000
    const port = served(contract, counting(to))
    const received: number[] = []
    let unacknowledged = 0
    let most = 0
    await new Promise<void>((resolve, reject) => {
      port.listen({
        onFrame: (raw) => {
          const frame = raw as Frame
          if (frame.t === 'end') return frame.error ? reject(new Error(frame.error.message)) : resolve()
          if (frame.t !== 'event') return
          received.push(frame.data as number)
          most = Math.max(most, ++unacknowledged)
          if (unacknowledged < limits.window) return
          // takes its time over every window
          unacknowledged = 0
          setImmediate(() => port.send({ t: 'ack', id: 1, seq: frame.seq }))
        },
        onClose: () => reject(new Error('closed')),
      })
      port.send({ t: 'hello', protocol: PROTOCOL_VERSION, app: 'slow' })
      port.send({ t: 'sub', id: 1, stream: 'count' })
    })
    expect(received).toHaveLength(to + 1)
    expect(received.every((value, index) => value === index)).toBe(true)
    expect(most).toBe(limits.window)
  })

  it('that takes nothing at all is let go with a reason, and its handler too', async () => {
    let aborted = false
    const port = served(contract, {
      count: (_none, sink, { signal }) => {
        signal.addEventListener('abort', () => (aborted = true))
        sink.snapshot(0)
        for (let value = 0; value < limits.backlog + 100; value++) sink.delta(value)
      },
    })
    const ended = new Promise<Frame>((resolve) =>
      port.listen({
        onFrame: (raw) => {
          if ((raw as Frame).t === 'end') resolve(raw as Frame)
        },
        onClose: () => undefined,
      }),
    )
    port.send({ t: 'hello', protocol: PROTOCOL_VERSION, app: 'stuck' })
    port.send({ t: 'sub', id: 1, stream: 'count' })
    expect(await ended).toMatchObject({ error: { code: 'wire/slow' } })
    expect(aborted).toBe(true)
  })
})

describe('a flood', () => {
  const contract = { now: query(nothing, z.string()), wait: command(nothing, z.number()) }

  it('of commands holds up no query, and runs one at a time', async () => {
    let release = () => undefined as void
    const gate = new Promise<void>((resolve) => (release = resolve))
    let running = 0
    const client = new Client(
      contract,
      served(contract, {
        now: () => 'now',
        wait: async () => {
          running++
          await gate
          return running--
        },
      }),
      { app: 'test' },
    )
    const commands = Array.from({ length: limits.running * 3 }, () => client.call('wait', undefined))
    expect(await client.call('now', undefined)).toBe('now')
    release()
    expect(new Set(await Promise.all(commands))).toEqual(new Set([1]))
  })

  it('of 10,000 calls is answered or refused, none lost', async () => {
    let release = () => undefined as void
    const gate = new Promise<void>((resolve) => (release = resolve))
    const handlers = { now: () => gate.then(() => 'now'), wait: () => 0 }
    const client = new Client(contract, served(contract, handlers), { app: 'test' })
    const calls = Array.from({ length: 10_000 }, () =>
      client.call('now', undefined).catch((error: unknown) => (error as MonoscopeError).code),
    )
    setTimeout(release, 50)
    const results = await Promise.all(calls)
    expect(results.filter((result) => result === 'now')).toHaveLength(limits.running + limits.waiting)
    expect(results.filter((result) => result === 'wire/busy')).toHaveLength(
      10_000 - limits.running - limits.waiting,
    )
  })
})

describe('bytes', () => {
  it.each([
    new Int8Array([-1, 2]),
    new Uint8Array([1, 255]),
    new Uint8ClampedArray([0, 255]),
    new Int16Array([-3, 4]),
    new Uint16Array([5, 65_535]),
    new Int32Array([-7]),
    new Uint32Array([4_294_967_295]),
    new Float32Array([0.5, Number.NaN, Number.POSITIVE_INFINITY]),
    new Float64Array([Math.PI]),
    new BigInt64Array([-9n]),
    new BigUint64Array([18_446_744_073_709_551_615n]),
    new Float32Array([1, 2, 3]).subarray(1),
  ])('keep the type and values of %o', (sent) => {
    const frame = decodeBytes(encodeFrame({ t: 'ok', id: 1, output: { sent } })) as {
      output: { sent: unknown }
    }
    expect(frame.output.sent).toEqual(sent)
    expect(frame.output.sent?.constructor).toBe(sent.constructor)
  })

  it('that would lose their type are refused, and the connection goes on', async () => {
    for (const value of [new DataView(new ArrayBuffer(4)), new ArrayBuffer(4)]) {
      expect(() => encodeFrame({ t: 'ok', id: 1, output: value })).toThrow('does not carry')
    }
    const client = new Client(testContract, served(testContract, testHandlers()), { app: 'test' })
    const unsendable = { a: new DataView(new ArrayBuffer(4)) as never }
    await expect(client.call('add', unsendable)).rejects.toMatchObject({
      name: 'MonoscopeError',
      kind: 'bug',
    })
    expect(await client.call('add', { a: 1 })).toBe(2)
  })

  it('that claim more than they hold reserve no memory', () => {
    // sixty nested lists of 2²⁵ elements each, in 300 bytes
    const claims = Uint8Array.from(
      { length: 300 },
      (_none, index) => [0xdd, 0x01, 0xff, 0xff, 0xff][index % 5] ?? 0,
    )
    const before = process.memoryUsage().rss
    expect(decodeBytes(claims)).toBeUndefined()
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6)
  })

  it('of 32 MB cross exactly, both ways, over every port', async () => {
    const numbers = new Float32Array(8 * 1024 * 1024).map((_none, index) => Math.fround(Math.sin(index)))
    for (const open of Object.values(portKinds)) {
      const joined = await open()
      const client = new Client(testContract, joined.port, { app: 'test' })
      const { numbers: doubled } = await client.call('double', { numbers })
      const wrong = doubled.findIndex((value, index) => value !== Math.fround((numbers[index] ?? 0) * 2))
      expect([doubled.length, wrong]).toEqual([numbers.length, -1])
      client.close()
      await joined.dispose()
    }
  })
})

describe('an inbox', () => {
  it('tells of its end once, also when the end comes while it hands over what came early', () => {
    const inbox = new Inbox()
    inbox.deliver('early')
    let ends = 0
    inbox.listen({ onFrame: () => inbox.end(), onClose: () => ends++ })
    expect(ends).toBe(1)
    inbox.deliver('late')
    expect(ends).toBe(1)
  })
})

describe('a link', () => {
  it('goes on with its subscriptions whatever ended the connection', async () => {
    const handlers = testHandlers()
    const service = new Service(testContract, handlers, { app: 'service' })
    let far: Port | undefined
    const statuses: LinkStatus['state'][] = []
    const link = new Link(testContract, {
      app: 'page',
      delay: 1,
      open: () => {
        const [near, other] = loopback()
        far = other
        service.connect(other)
        return Promise.resolve(near)
      },
      onStatus: ({ state }) => statuses.push(state),
    })
    const states: number[] = []
    let ended = false
    link.subscribe('forever', undefined, { state: (value) => states.push(value), end: () => (ended = true) })
    await expect.poll(() => states).toEqual([0])
    far?.send({ t: 'nonsense' } as never)
    await expect.poll(() => states).toEqual([0, 0])
    expect(statuses).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open'])
    expect(ended).toBe(false)
    link.close()
  })

  it('that was too slow for a lossless stream begins anew, and ends with every line', async () => {
    const lines = z.array(z.number())
    const log = {
      lines: stream({
        input: nothing,
        snapshot: lines,
        delta: lines,
        apply: (before, added) => [...before, ...added],
      }),
    }
    const written: number[] = []
    const sinks: { delta(added: number[]): void }[] = []
    const write = (count: number) => {
      for (let added = 0; added < count; added++) {
        written.push(written.length)
        for (const sink of sinks) sink.delta([written.length - 1])
      }
    }
    const service = new Service(
      log,
      {
        lines: (_none, sink) => {
          sink.snapshot([...written])
          sinks.push(sink)
        },
      },
      { app: 'service' },
    )
    const link = new Link(log, {
      app: 'page',
      open: () => {
        const [near, far] = loopback()
        service.connect(far)
        return Promise.resolve(near)
      },
      onStatus: () => undefined,
    })
    let seen: number[] = []
    let ended = false
    link.subscribe('lines', undefined, { state: (state) => (seen = state), end: () => (ended = true) })
    await expect.poll(() => sinks.length).toBe(1)
    // all at once: nothing can be acknowledged meanwhile
    write(limits.backlog + limits.window + 10)
    await expect.poll(() => sinks.length).toBe(2)
    write(100)
    await expect.poll(() => seen.length).toBe(written.length)
    expect(seen).toEqual(written)
    expect(ended).toBe(false)
    link.close()
  })
})
