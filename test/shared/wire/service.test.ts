// What the wire promises beyond one connection: types, fuzzed peers, and links that mend themselves.
import { describe, expect, it } from 'vitest'
import type { Handlers } from '../../../src/shared/contract/define.ts'
import { expected } from '../../../src/shared/errors.ts'
import { encodeFrame } from '../../../src/shared/wire/codec.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { PROTOCOL_VERSION } from '../../../src/shared/wire/frames.ts'
import { Link, type LinkStatus } from '../../../src/shared/wire/link.ts'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import type { Port } from '../../../src/shared/wire/port.ts'
import { Service } from '../../../src/shared/wire/service.ts'
import { testContract, type TestContract, testHandlers } from './contract.ts'

function service() {
  const handlers = testHandlers()
  return { handlers, service: new Service(testContract, handlers, { app: 'service' }) }
}

describe('the contract', () => {
  it('does not compile with a handler missing, superfluous or of the wrong type', () => {
    const { add, ...others } = testHandlers()
    // @ts-expect-error a handler is missing
    const missing: Handlers<TestContract> = others
    // @ts-expect-error it returns a string
    const wrong: Handlers<TestContract> = { ...testHandlers(), add: () => 'three' }
    // @ts-expect-error there is no such procedure
    const superfluous: Handlers<Pick<TestContract, 'add'>> = { add, subtract: () => 1 }
    expect([missing, wrong, superfluous]).toHaveLength(3)
  })

  it('types what a caller passes and gets', () => {
    const check = (client: Client<TestContract>) => {
      const sum: Promise<number> = client.call('add', { a: 1 })
      // @ts-expect-error a is a number
      void client.call('add', { a: '1' })
      // @ts-expect-error count is a stream
      void client.call('count', { to: 1 })
      return sum
    }
    expect(check).toBeTypeOf('function')
  })
})

describe('a listener with a bug', () => {
  it('loses its own stream, told why; calls and other streams go on', async () => {
    const [near, far] = loopback()
    const { service: tested, handlers } = service()
    tested.connect(far)
    const client = new Client(testContract, near, { app: 'test' })
    const ended = Promise.withResolvers<unknown>()
    client.subscribe('forever', undefined, {
      state: () => {
        throw new Error('a bug of the page')
      },
      end: ended.resolve,
    })
    expect(await ended.promise).toMatchObject({
      message: expect.stringContaining('a bug of the page') as unknown,
    })
    const sum = await new Promise((resolve) => {
      client.subscribe('count', { to: 4 }, { state: (state) => void (state === 10 && resolve(state)) })
    })
    expect(sum).toBe(10)
    expect(await client.call('add', { a: 1 })).toBe(2)
    expect(client.isClosed).toBe(false)
    expect(handlers.unsubscribed).toBe(1)
    client.close()
  })
})

describe('a service', () => {
  it('survives thousands of mutated frames, and still answers others', async () => {
    const { service: tested } = service()
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    const hello = encodeFrame({ t: 'hello', protocol: PROTOCOL_VERSION, app: 'fuzz' })
    const frames = [
      encodeFrame({ t: 'call', id: 1, method: 'add', input: { a: 1, numbers: new Float32Array(4) } }),
      encodeFrame({ t: 'sub', id: 2, stream: 'count', input: { to: 10 } }),
      encodeFrame({ t: 'ack', id: 2, seq: 3 }),
      encodeFrame({ t: 'cancel', id: 2 }),
    ]
    for (let round = 0; round < 3_000; round++) {
      const [near, far] = loopback()
      tested.connect(far)
      near.sendBytes(hello)
      for (const frame of frames) {
        const mutated = frame.slice()
        for (let change = random(4); change >= 0; change--) mutated[random(mutated.length)] = random(256)
        near.sendBytes(random(5) === 0 ? mutated.subarray(0, random(mutated.length)) : mutated)
      }
      if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve))
      near.close()
    }
    const [near, far] = loopback()
    tested.connect(far)
    const client = new Client(testContract, near, { app: 'test' })
    expect(await client.call('add', { a: 1 })).toBe(2)
    await expect.poll(() => tested.size).toBe(1)
  })

  it('tells its peers why it closes', async () => {
    const { service: tested } = service()
    const [near, far] = loopback()
    tested.connect(far)
    const client = new Client(testContract, near, { app: 'test' })
    await client.opened
    tested.close({ kind: 'expected', code: 'host/closing', message: 'Closing.' })
    expect(await client.closed).toMatchObject({ code: 'host/closing' })
  })
})

describe('a link', () => {
  function fixture() {
    const { service: tested, handlers } = service()
    let far: Port | undefined
    let reachable = true
    const statuses: LinkStatus['state'][] = []
    const link = new Link(testContract, {
      app: 'page',
      delay: 5,
      maxDelay: 20,
      open: () => {
        if (!reachable) return Promise.reject(expected('wire/closed', 'unreachable'))
        const [near, other] = loopback()
        far = other
        tested.connect(other)
        return Promise.resolve(near)
      },
      onStatus: (status) => statuses.push(status.state),
    })
    return {
      link,
      handlers,
      statuses,
      cut: () => far?.close(),
      setReachable: (value: boolean) => (reachable = value),
    }
  }

  it('reconnects by itself; subscriptions go on with a fresh snapshot, calls wait', async () => {
    const { link, statuses, cut, setReachable, handlers } = fixture()
    const states: number[] = []
    link.subscribe('forever', undefined, { state: (value) => states.push(value) })
    await expect.poll(() => states).toEqual([0])
    setReachable(false)
    cut()
    await expect.poll(() => statuses.at(-1)).toBe('waiting')
    const waiting = link.call('add', { a: 1 })
    setReachable(true)
    expect(await waiting).toBe(2)
    await expect.poll(() => states).toEqual([0, 0])
    handlers.deliver()
    await expect.poll(() => states).toEqual([0, 0, 1])
    link.close()
  })

  it('gives up an attempt that nobody answers, and what opens too late is closed', async () => {
    const { service: tested } = service()
    const closed: string[] = []
    const silent = (name: string): Port => ({
      send: () => undefined,
      listen: () => undefined,
      close: () => void closed.push(name),
    })
    const late = Promise.withResolvers<Port>()
    const answers: (() => Promise<Port>)[] = [() => late.promise, () => Promise.resolve(silent('mute'))]
    const reasons: string[] = []
    const link = new Link(testContract, {
      ...{ app: 'page', delay: 1, patience: 20 },
      open: () => {
        const answer = answers.shift()
        if (answer) return answer()
        const [near, far] = loopback()
        tested.connect(far)
        return Promise.resolve(near)
      },
      onStatus: (status) => {
        if (status.state === 'waiting') reasons.push(status.reason.code)
      },
    })
    expect(await link.call('add', { a: 1 })).toBe(2)
    expect(reasons).toEqual(['wire/closed', 'wire/closed'])
    late.resolve(silent('late'))
    await expect.poll(() => closed).toEqual(['mute', 'late'])
    link.close()
  })

  it('does not try again when it was refused, until told to', async () => {
    let tries = 0
    const statuses: LinkStatus['state'][] = []
    const link = new Link(testContract, {
      app: 'page',
      delay: 1,
      open: () => {
        tries++
        return Promise.reject(expected('access/token', 'wrong token'))
      },
      onStatus: (status) => statuses.push(status.state),
    })
    await expect(link.call('add', { a: 1 })).rejects.toMatchObject({ code: 'access/token' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(tries).toBe(1)
    expect(statuses).toEqual(['connecting', 'refused'])
    link.retry()
    await expect.poll(() => tries).toBe(2)
    link.close()
  })
})
