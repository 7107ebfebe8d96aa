// Interactive work with one model over the wire: completions as they stream, and what the model makes of a text.
import { z } from 'zod'
import {
  analysisSchema,
  type EndReason,
  endReasonSchema,
  generatedTokenSchema,
  type GeneratedToken,
  generationEventSchema,
  modelPrecisionSchema,
  rowsSchema,
} from '../generation.ts'
import { command, nothing, query, stream } from './define.ts'

/** An id, a unique prefix of one, or the path of a checkpoint. */
const modelSchema = z.string().min(1)

const generationStateSchema = z.object({
  /** What it waits for, as a sentence; null while it generates and afterwards. */
  waiting: z.string().nullable(),
  rows: z.array(
    z.object({
      /** Tokens of the prompt, special ones included; null until they are counted. */
      promptTokens: z.number().int().nullable(),
      tokens: z.array(generatedTokenSchema),
      /** Why it ended; null while it goes on. */
      end: endReasonSchema.nullable(),
    }),
  ),
  /** See `generationEventSchema`; null until the end. */
  tokensPerSecond: z.number().nullable(),
  done: z.boolean(),
})
export type GenerationState = z.output<typeof generationStateSchema>

const changeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('waiting'), for: z.string() }),
  ...generationEventSchema.options,
])
export type GenerationChange = z.output<typeof changeSchema>

/** A batch of `rows` before anything has come of it. */
export function emptyGeneration(rows: number, waiting: string): GenerationState {
  const row = () => ({ promptTokens: null, tokens: [] as GeneratedToken[], end: null as EndReason | null })
  return { waiting, rows: Array.from({ length: rows }, row), tokensPerSecond: null, done: false }
}

/** The state after a change. */
export function applyGeneration(state: GenerationState, change: GenerationChange): GenerationState {
  const eachRow = (update: (row: GenerationState['rows'][number], index: number) => typeof row) => ({
    ...state,
    waiting: null,
    rows: state.rows.map(update),
  })
  switch (change.type) {
    case 'waiting':
      return { ...state, waiting: change.for }
    case 'prompt':
      return eachRow((row, index) => ({ ...row, promptTokens: change.tokens[index] ?? null }))
    case 'tokens':
      return eachRow((row, index) =>
        index === change.row ? { ...row, tokens: [...row.tokens, ...change.tokens] } : row,
      )
    case 'end':
      return eachRow((row, index) => (index === change.row ? { ...row, end: change.reason } : row))
    case 'done':
      return { ...state, waiting: null, tokensPerSecond: change.tokensPerSecond, done: true }
  }
}

export const generationContract = {
  /**
   * Completions of all rows as one batch; unsubscribing cancels them within one run of the model. Loads the model first
   * where it is not loaded. Ends with the error `model/crashed`, `model/evicted`, `generate/context` and the like when it
   * could not go on; what came until then stays.
   */
  'model.generate': stream({
    input: z.object({ model: modelSchema, precision: modelPrecisionSchema, rows: rowsSchema }),
    snapshot: generationStateSchema,
    delta: z.array(changeSchema),
    apply: (state, changes) => changes.reduce(applyGeneration, state),
    merge: (earlier, later) => [...earlier, ...later],
  }),
  /** What the model makes of a text, token by token; of a long text its first 512 tokens. */
  'model.analyse': query(
    z.object({ model: modelSchema, precision: modelPrecisionSchema, text: z.string().min(1) }),
    analysisSchema,
  ),
  /** What is to be known of a model before it generates; does not load it. */
  'model.abilities': query(
    z.object({ model: modelSchema }),
    z.object({
      /** It has a chat template. */
      chat: z.boolean(),
    }),
  ),
  /** Gives the memory of the model that is loaded back; nothing happens where none is. */
  'model.unload': command(nothing, nothing),
}
