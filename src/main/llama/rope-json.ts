// Rotary positions as config.json spells them: rope_theta with rope_scaling, or the newer rope_parameters.
import { z } from 'zod'
import { expected } from '../../shared/errors.ts'
import type { Rope } from './config.ts'

const factor = z.number().positive().max(1e6)
const theta = z.number().positive().max(1e15)

const parametersSchema = z.object({
  rope_type: z.string().nullish(),
  type: z.string().nullish(),
  rope_theta: theta.nullish(),
  factor: factor.nullish(),
  low_freq_factor: factor.nullish(),
  high_freq_factor: factor.nullish(),
  original_max_position_embeddings: factor.max(1e9).nullish(),
  partial_rotary_factor: z.number().nullish(),
})

export const ropeSchema = z.object({
  rope_theta: theta.nullish(),
  rope_scaling: parametersSchema.nullish(),
  rope_parameters: parametersSchema.nullish(),
  partial_rotary_factor: z.number().nullish(),
})

/** The default of transformers when a configuration gives none. */
const DEFAULT_THETA = 10_000

/** `positions` is what an absent original_max_position_embeddings means. Throws `config/rope` naming the type. */
export function readRope(config: z.infer<typeof ropeSchema>, positions: number, path: string): Rope {
  const given = config.rope_parameters ?? config.rope_scaling ?? {}
  const theta = given.rope_theta ?? config.rope_theta ?? DEFAULT_THETA
  const kind = given.rope_type ?? given.type ?? 'default'
  const share = given.partial_rotary_factor ?? config.partial_rotary_factor ?? 1
  const needed = (name: 'factor' | 'low_freq_factor' | 'high_freq_factor'): number => {
    const value = given[name]
    if (value === null || value === undefined) {
      throw refusal(path, `the rope type ${kind} comes without its ${name}`)
    }
    return value
  }
  if (share !== 1)
    throw refusal(path, `partial_rotary_factor is ${share}, and a LLaMA’s positions turn whole heads`)
  switch (kind) {
    case 'default':
      return { kind, theta }
    case 'linear':
      return { kind, theta, factor: needed('factor') }
    case 'llama3': {
      const lowFrequencyFactor = needed('low_freq_factor')
      const highFrequencyFactor = needed('high_freq_factor')
      if (highFrequencyFactor <= lowFrequencyFactor) {
        throw refusal(
          path,
          `high_freq_factor ${highFrequencyFactor} must be above low_freq_factor ${lowFrequencyFactor}`,
        )
      }
      return {
        kind,
        theta,
        factor: needed('factor'),
        lowFrequencyFactor,
        highFrequencyFactor,
        originalPositions: given.original_max_position_embeddings ?? positions,
      }
    }
    default:
      throw refusal(path, `the rope type ${kind} is not known (default, linear and llama3 are)`)
  }
}

function refusal(path: string, why: string): Error {
  return expected(
    'config/rope',
    `Cannot use the rotary positions of ${path}: ${why}.`,
    'Choose a model with plain, linear or llama3 positions, such as Llama 3.2 or SmolLM2.',
  )
}
