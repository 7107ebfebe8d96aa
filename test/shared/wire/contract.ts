// A small contract for the tests of the wire, with handlers that show every behaviour.
import { z } from 'zod'
import { command, type Handlers, nothing, query, stream } from '../../../src/shared/contract/define.ts'
import { expected } from '../../../src/shared/errors.ts'

const numbers = z.object({ numbers: z.custom<Float32Array>((value) => value instanceof Float32Array) })

export const testContract = {
  add: query(z.object({ a: z.number(), b: z.number().default(1) }), z.number()),
  fail: query(z.object({ how: z.enum(['expected', 'bug']) }), nothing),
  /** Ends only when cancelled. */
  hang: query(nothing, nothing),
  /** How many `hang` calls were cancelled so far. */
  cancellations: query(nothing, z.number()),
  double: query(numbers, numbers),
  /** Takes a moment, and says which commands were running at the same time. */
  slowly: command(z.object({ ms: z.number() }), z.number()),
  count: stream({
    input: z.object({ to: z.number().int() }),
    snapshot: z.number(),
    delta: z.number(),
    apply: (sum, added) => sum + added,
  }),
  /** Sends as much as it is asked to at once, merged while the receiver is busy. */
  meter: stream({
    input: z.object({ to: z.number().int() }),
    snapshot: z.object({ last: z.number(), received: z.number() }),
    delta: z.object({ value: z.number() }),
    apply: (state, { value }) => ({ last: value, received: state.received + 1 }),
    merge: (_earlier, later) => later,
  }),
  forever: stream({
    input: nothing,
    snapshot: z.number(),
    delta: z.number(),
    apply: (_before, after) => after,
  }),
}
export type TestContract = typeof testContract

export function testHandlers(): Handlers<TestContract> & { unsubscribed: number; deliver: () => void } {
  let cancellations = 0
  let running = 0
  const sinks = new Set<(value: number) => void>()
  const handlers = {
    unsubscribed: 0,
    deliver: () => {
      for (const send of sinks) send(1)
    },
    add: ({ a, b }: { a: number; b: number }) => a + b,
    fail: ({ how }: { how: string }) => {
      if (how === 'bug') throw new TypeError('a slip')
      throw expected('test/wrong', 'That was wrong.', 'Do it right.')
    },
    hang: (_none: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          cancellations++
          reject(signal.reason as Error)
        })
      }),
    cancellations: () => cancellations,
    double: ({ numbers }: { numbers: Float32Array }) => ({ numbers: numbers.map((value) => value * 2) }),
    slowly: async ({ ms }: { ms: number }) => {
      running++
      const most = running
      await new Promise((resolve) => setTimeout(resolve, ms))
      running--
      return most
    },
    count: ({ to }, sink) => {
      sink.snapshot(0)
      for (let value = 1; value <= to; value++) sink.delta(value)
      sink.end()
    },
    meter: ({ to }, sink) => {
      sink.snapshot({ last: 0, received: 0 })
      for (let value = 1; value <= to; value++) sink.delta({ value })
      sink.end()
    },
    forever: (_none, sink, { signal }) => {
      sink.snapshot(0)
      const send = (value: number) => sink.delta(value)
      sinks.add(send)
      signal.addEventListener('abort', () => {
        sinks.delete(send)
        handlers.unsubscribed++
      })
    },
  } as Handlers<TestContract> & { unsubscribed: number; deliver: () => void }
  return handlers
}
