// How the contract is written: queries, commands and streams declared once; client, handlers and preload derive from it.
import { z } from 'zod'

/** Read-only; may run beside anything. */
export interface Query<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly type: 'query'
  readonly input: I
  readonly output: O
}

/** Changes something; commands run one after the other. Long work returns a job instead of waiting for it. */
export interface Command<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly type: 'command'
  readonly input: I
  readonly output: O
}

/** A state that is sent whole once and then by its changes; both sides fold changes in with `apply`. */
export interface Stream<
  I extends z.ZodType = z.ZodType,
  S extends z.ZodType = z.ZodType,
  D extends z.ZodType = z.ZodType,
> {
  readonly type: 'stream'
  readonly input: I
  readonly snapshot: S
  readonly delta: D
  apply(state: z.output<S>, delta: z.output<D>): z.output<S>
  /**
   * How two changes become one while the receiver is busy, so that a slow page never slows the work. Without it the
   * stream is lossless: every change is delivered, in order.
   */
  readonly merge?: (earlier: z.output<D>, later: z.output<D>) => z.output<D>
}

export type Procedure = Query | Command | Stream
export type Contract = Readonly<Record<string, Procedure>>

export function query<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Query<I, O> {
  return { type: 'query', input, output }
}

export function command<I extends z.ZodType, O extends z.ZodType>(input: I, output: O): Command<I, O> {
  return { type: 'command', input, output }
}

export function stream<I extends z.ZodType, S extends z.ZodType, D extends z.ZodType>(
  definition: Omit<Stream<I, S, D>, 'type'>,
): Stream<I, S, D> {
  return { type: 'stream', ...definition }
}

/** For procedures that take or return nothing. */
export const nothing = z.void()

/** A stream whose every change is all of its state again: of several only the newest counts. */
export function latest<I extends z.ZodType, S extends z.ZodType>(input: I, state: S): Stream<I, S, S> {
  return stream({
    input,
    snapshot: state,
    delta: state,
    apply: (_before, after) => after,
    merge: (_earlier, later) => later,
  })
}

/** A stream without a state: every change is an event, and none is left out. */
export function events<I extends z.ZodType, E extends z.ZodType>(
  input: I,
  event: E,
): Stream<I, typeof nothing, E> {
  return stream({ input, snapshot: nothing, delta: event, apply: () => undefined })
}

type CallNames<C extends Contract> = {
  [K in keyof C]: C[K]['type'] extends 'query' | 'command' ? K : never
}[keyof C] &
  string
type StreamNames<C extends Contract> = {
  [K in keyof C]: C[K]['type'] extends 'stream' ? K : never
}[keyof C] &
  string

export type CallName<C extends Contract> = CallNames<C>
export type StreamName<C extends Contract> = StreamNames<C>

/** What a caller passes. */
export type InputOf<P> = P extends { input: infer I extends z.ZodType } ? z.input<I> : never
/** What a handler receives, defaults filled in. */
export type ParsedOf<P> = P extends { input: infer I extends z.ZodType } ? z.output<I> : never
export type OutputOf<P> = P extends { output: infer O extends z.ZodType } ? z.output<O> : never
export type StateOf<P> = P extends { snapshot: infer S extends z.ZodType } ? z.output<S> : never
export type DeltaOf<P> = P extends { delta: infer D extends z.ZodType } ? z.output<D> : never

/** Where a stream's handler puts what it has; the snapshot comes first. */
export interface Sink<S, D> {
  snapshot(state: S): void
  delta(change: D): void
  /** The stream is over; `error` says why when that was not planned. */
  end(error?: unknown): void
}

export interface CallContext {
  /** Aborted when the caller cancels, unsubscribes or goes away. */
  readonly signal: AbortSignal
}

/** One handler for each procedure: a missing or superfluous one does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends Stream
    ? (
        input: ParsedOf<C[K]>,
        sink: Sink<StateOf<C[K]>, DeltaOf<C[K]>>,
        context: CallContext,
      ) => void | Promise<void>
    : (input: ParsedOf<C[K]>, context: CallContext) => OutputOf<C[K]> | Promise<OutputOf<C[K]>>
}
