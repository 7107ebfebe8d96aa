// What is asked of a batch as the model's graph takes it: a slot for each feature that acts, is waited for, or is told.
import type { Intervention } from '../../shared/steering.ts'
import { noise } from '../llama/noise.ts'
import type { Dose, SteeredFeature } from '../llama/steering.ts'
import type { Dictionary } from './dictionary.ts'

/** A direction drawn by chance, for comparison: added as strongly as a feature would be. */
export interface RandomPush {
  readonly mode: 'random'
  readonly seed: number
  /** Multiples of the mean residual norm. */
  readonly strength: number
  readonly where?: Intervention['where']
}

export type Action = Intervention | RandomPush

/** B rows; the pinned features are the first slots, in their order. */
export interface Slots {
  readonly features: readonly SteeredFeature[]
  /** (B): for each row a dose of each slot; null leaves the row alone. */
  readonly rows: readonly (readonly (Dose | null)[])[]
}

/**
 * `norm` is the mean residual norm at the hook. Throws `steering/no-feature`, `steering/no-direction`, `steering/reads`.
 */
export function slotsOf(
  dictionary: Dictionary,
  norm: number,
  batch: { readonly rows: readonly (readonly Action[])[]; readonly pinned: readonly number[] },
): Slots {
  const features: SteeredFeature[] = []
  const places = new Map<string, number>()
  const place = (key: string, make: () => SteeredFeature) => {
    const known = places.get(key)
    if (known !== undefined) return known
    features.push(make())
    places.set(key, features.length - 1)
    return features.length - 1
  }
  for (const [index, feature] of batch.pinned.entries()) {
    place(`pin ${index}`, () => dictionary.feature(feature))
  }
  const doses = batch.rows.map((actions) => {
    const own = new Map<number, Dose>()
    for (const action of actions) {
      const { where } = action
      const condition =
        where &&
        place(`at ${where.feature} ${where.threshold}`, () =>
          dictionary.feature(where.feature, where.threshold),
        )
      const what = action.mode === 'random' ? `random ${action.seed}` : `feature ${action.feature}`
      // one feature may be steered in several ways in one row, each by a slot of its own
      for (let copy = 0; ; copy++) {
        const slot = place(`${what} at ${condition} ${copy}`, () => ({
          ...(action.mode === 'random'
            ? { direction: randomDirection(dictionary.sae.D, action.seed) }
            : dictionary.feature(action.feature)),
          ...(condition !== undefined && { onlyWhere: condition }),
        }))
        if (own.has(slot)) continue
        own.set(slot, doseOf(dictionary, norm, action))
        break
      }
    }
    return own
  })
  return { features, rows: doses.map((own) => features.map((_, slot) => own.get(slot) ?? null)) }
}

function doseOf(dictionary: Dictionary, norm: number, action: Action): Dose {
  if (action.mode === 'random') return { mode: 'add', amount: action.strength * norm }
  const { feature, mode, strength, value } = action
  if (mode !== 'add') dictionary.assertClamps()
  const amount = (strength * norm) / dictionary.feature(feature).norm
  switch (mode) {
    case 'add':
      return { mode, amount }
    case 'clamp':
      return { mode, target: value ?? amount }
    case 'ablate':
      return { mode: 'clamp', target: 0 }
  }
}

/** Of length 1 and all directions equally likely: normal numbers (Box and Muller, 1958) from noise that the seed fixes. */
function randomDirection(D: number, seed: number): Float32Array {
  const direction = Float32Array.from({ length: D }, (_, d) => {
    const [radius, angle] = [noise(seed, 0, d), noise(seed, 1, d)]
    return Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle)
  })
  const length = Math.hypot(...direction)
  return direction.map((x) => x / length)
}
