// The frames two peers exchange, and the limits that keep a bad peer from hurting a good one.
import { z } from 'zod'
import { errorDataSchema } from '../jobs/job.ts'

/** Raised whenever a frame changes its meaning; peers of different versions part with a clear error. */
export const PROTOCOL_VERSION = 1

export const limits = {
  /** Events of one subscription that may be under way before the receiver acknowledges them. */
  window: 32,
  /** The same for streams that merge what waits: small, so that what arrives is fresh. */
  mergingWindow: 2,
  /** Lossless events waiting behind the window before the subscription is ended as too slow. */
  backlog: 50_000,
  /** Queries one peer may have running; more wait in a queue. Commands run one at a time. */
  running: 64,
  /** Queries, and as many commands, that may wait; more are refused with `wire/busy`. */
  waiting: 4_096,
  /** Subscriptions of one peer. */
  subscriptions: 512,
  /** Bytes of one encoded frame. */
  frameBytes: 512 * 1024 * 1024,
} as const

const id = z.number().int().positive()

export const frameSchema = z.discriminatedUnion('t', [
  /** First frame of each side. */
  z.object({ t: z.literal('hello'), protocol: z.number().int(), app: z.string() }),
  z.object({ t: z.literal('call'), id, method: z.string(), input: z.unknown().optional() }),
  /** Ends a call or a subscription; reaches its AbortSignal. */
  z.object({ t: z.literal('cancel'), id }),
  z.object({ t: z.literal('ok'), id, output: z.unknown().optional() }),
  z.object({ t: z.literal('err'), id, error: errorDataSchema }),
  z.object({ t: z.literal('sub'), id, stream: z.string(), input: z.unknown().optional() }),
  /** `seq` counts 1, 2, 3 … within a subscription; the first event is the snapshot. */
  z.object({
    t: z.literal('event'),
    id,
    seq: id,
    kind: z.enum(['snapshot', 'delta']),
    data: z.unknown().optional(),
  }),
  /** The receiver has taken every event up to `seq`. */
  z.object({ t: z.literal('ack'), id, seq: id }),
  /** The subscription is over: by itself, or with an error. */
  z.object({ t: z.literal('end'), id, error: errorDataSchema.optional() }),
  /** Last frame before one side closes the port, with the reason. */
  z.object({ t: z.literal('bye'), error: errorDataSchema }),
])

export type Frame = z.infer<typeof frameSchema>
