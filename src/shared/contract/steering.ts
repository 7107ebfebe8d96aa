// Steering over the wire: steered batches and strips as they stream, sweeps, measured effects, and sessions.
import { z } from 'zod'
import { endReasonSchema, type EndReason } from '../generation.ts'
import { count } from '../schema-parts.ts'
import {
  promptTokenSchema,
  steeredBatchSchema,
  steeredTokenSchema,
  steeringEventSchema,
  steeringFactsSchema,
  steeringPlaceSchema,
  stripSchema,
} from '../steering.ts'
import {
  measureOrderSchema,
  measurePointSchema,
  sweepOrderSchema,
  sweepPointSchema,
} from '../steering-effect.ts'
import {
  MOST_RUNS,
  MOST_SESSION_FILE,
  pastRunSchema,
  sessionNameSchema,
  sessionSchema,
  sessionSummarySchema,
  steeringSetSchema,
  steeringSetupSchema,
} from '../steering-sessions.ts'
import { command, latest, nothing, query, stream } from './define.ts'

const steeringStateSchema = z.object({
  /** What it waits for, as a sentence; null while it generates and afterwards. */
  waiting: z.string().nullable(),
  /** Null until the model and the SAE are there. */
  facts: steeringFactsSchema.nullable(),
  /** Null until they are counted. */
  prompt: z.array(promptTokenSchema).nullable(),
  /** See `steeringEventSchema`; null until they are counted. */
  steeredPrompt: count.nullable(),
  /** The unsteered text, then the steered ones in the order they were asked for. */
  rows: z.array(
    z.object({
      tokens: z.array(steeredTokenSchema),
      /** See `steeringEventSchema`: (tokens, P) of prompt and text so far. */
      reads: z.array(z.number()),
      /** Why it ended; null while it goes on. */
      end: endReasonSchema.nullable(),
    }),
  ),
  tokensPerSecond: z.number().nullable(),
  /** See `steeringEventSchema`; null until the end. */
  firstTokenMs: z.number().nullable(),
  done: z.boolean(),
})
export type SteeringState = z.output<typeof steeringStateSchema>

const waitingSchema = z.object({ type: z.literal('waiting'), for: z.string() })
const changeSchema = z.discriminatedUnion('type', [waitingSchema, ...steeringEventSchema.options])
export type SteeringChange = z.output<typeof changeSchema>

/** An unsteered text and `steered` others before anything has come of them. */
export function emptySteering(steered: number, waiting: string): SteeringState {
  const row = () => ({ tokens: [], reads: [], end: null as EndReason | null })
  return {
    ...{ waiting, facts: null, prompt: null, steeredPrompt: null },
    ...{ rows: Array.from({ length: steered + 1 }, row) },
    ...{ tokensPerSecond: null, firstTokenMs: null, done: false },
  }
}

/** The state after a change. */
export function applySteering(state: SteeringState, change: SteeringChange): SteeringState {
  const inRow = (place: number, update: (row: SteeringState['rows'][number]) => typeof row) => ({
    ...state,
    waiting: null,
    rows: state.rows.map((row, index) => (index === place ? update(row) : row)),
  })
  switch (change.type) {
    case 'waiting':
      return { ...state, waiting: change.for }
    case 'facts':
      return { ...state, waiting: null, facts: change.facts }
    case 'prompt':
      return { ...state, waiting: null, prompt: change.tokens, steeredPrompt: change.steered }
    case 'tokens':
      return inRow(change.row, (row) => ({ ...row, tokens: [...row.tokens, ...change.tokens] }))
    case 'reads':
      return inRow(change.row, (row) => ({ ...row, reads: [...row.reads, ...change.values] }))
    case 'end':
      return inRow(change.row, (row) => ({ ...row, end: change.reason }))
    case 'done': {
      const { tokensPerSecond, firstTokenMs } = change
      return { ...state, waiting: null, tokensPerSecond, firstTokenMs, done: true }
    }
  }
}

/** Calls with the same one replace each other: an earlier one that still runs ends as cancelled, between two tokens. */
const replaces = z.object({ replaces: z.string().min(1).max(100).optional() })

const batches = {
  snapshot: steeringStateSchema,
  delta: z.array(changeSchema),
  apply: (state: SteeringState, changes: SteeringChange[]) => changes.reduce(applySteering, state),
  merge: (earlier: SteeringChange[], later: SteeringChange[]) => [...earlier, ...later],
}

/** Of something with points that come one by one. */
const progressing = <P extends z.ZodType>(point: P) =>
  z.object({
    waiting: z.string().nullable(),
    facts: steeringFactsSchema.nullable(),
    /** Texts that are there, of how many. */
    done: count,
    total: count,
    points: z.array(point),
    /** Of a sweep: see `sweetSpotOf`; null where there is none, and until all points are there. */
    sweetSpot: z.number().nullable(),
  })
const sweepState = progressing(sweepPointSchema)
const measureState = progressing(measurePointSchema)
export type SweepState = z.output<typeof sweepState>
export type MeasureState = z.output<typeof measureState>

const byId = z.object({ id: z.string().min(1) })

/**
 * Whatever names an SAE rejects `sae/unknown`, `sae/ambiguous`, `sae/other-model`, `sae/other-width`, `hook/unknown` (with
 * both values), `steering/no-model` where it is not known which model it is for, `steering/no-feature` for a number it
 * does not have, `steering/reads` for what cannot be clamped; `generate/context`, `model/crashed`, `model/evicted` and the
 * like as completions do. What came until then stays, and the next call works again.
 */
export const steeringContract = {
  /**
   * One batch: the unsteered text, and one for each row. Unsubscribing ends it within one run of the model, and so does a
   * later call with the same `replaces`.
   */
  'steering.run': stream({
    input: steeringPlaceSchema.extend(steeredBatchSchema.shape).extend(replaces.shape),
    ...batches,
  }),
  /** The unsteered text, and one for each strength of one intervention, in their order. */
  'steering.strip': stream({
    input: steeringPlaceSchema.extend(stripSchema.shape).extend(replaces.shape),
    ...batches,
  }),
  /** What each strength does and costs; a point is there when all of its texts are. */
  'steering.sweep': stream({
    input: steeringPlaceSchema.extend(sweepOrderSchema.shape).extend(replaces.shape),
    snapshot: sweepState,
    delta: sweepState.partial(),
    apply: (state, change) => ({ ...state, ...change }),
    merge: (earlier, later) => ({ ...earlier, ...later }),
  }),
  /** How often texts have what is wanted, by strength, beside directions drawn by chance. */
  'steering.measure': stream({
    input: steeringPlaceSchema.extend(measureOrderSchema.shape).extend(replaces.shape),
    snapshot: measureState,
    delta: measureState.partial(),
    apply: (state, change) => ({ ...state, ...change }),
    merge: (earlier, later) => ({ ...earlier, ...later }),
  }),
  /** Where an SAE would steer, without loading anything; the norm is null where it has to be measured first. */
  'steering.place': query(
    steeringPlaceSchema,
    steeringFactsSchema.extend({
      norm: z.number().nullable(),
      /** What the contract takes as `model`. */
      modelId: z.string(),
      /** The model has a chat template. */
      chat: z.boolean(),
    }),
  ),
  /** Prompts and lists of words to measure effects with, which come with the app. */
  'steering.sets': query(nothing, z.array(steeringSetSchema)),

  /** As it is, and as it changes; the last changed first. */
  'steering.watchSessions': latest(nothing, z.array(sessionSummarySchema)),
  /** Rejects `steering/no-session`, as all that name one. */
  'steering.session': query(byId, sessionSchema),
  /** Without an id a new one; what is not given stays. */
  'steering.saveSession': command(
    z.object({
      id: z.string().min(1).optional(),
      name: sessionNameSchema.optional(),
      setup: steeringSetupSchema.optional(),
      /** Of a new one, the newest first. */
      history: z.array(pastRunSchema).max(MOST_RUNS).optional(),
    }),
    sessionSummarySchema,
  ),
  /** Another with the same setup and history, called "… (copy)". */
  'steering.duplicateSession': command(byId, sessionSummarySchema),
  'steering.removeSession': command(byId, nothing),
  /** Keeps what was generated; the id of the run in the history. */
  'steering.addRun': command(z.object({ session: z.string().min(1), run: pastRunSchema }), count),
  'steering.removeRun': command(z.object({ session: z.string().min(1), run: count }), nothing),
  /** In which settings two differ, each by its name ("sampling.temperature") with both values as people read them. */
  'steering.compareSessions': query(
    z.object({ a: z.string().min(1), b: z.string().min(1) }),
    z.array(z.object({ name: z.string(), a: z.string(), b: z.string() })),
  ),
  /** The session as a file (JSON), and a name for it. */
  'steering.exportSession': query(byId, z.object({ name: z.string(), text: z.string() })),
  /** A new session of such a file. Rejects `steering/session-file` with what is wrong with it. */
  'steering.importSession': command(
    z.object({ text: z.string().max(MOST_SESSION_FILE) }),
    sessionSummarySchema,
  ),
}
