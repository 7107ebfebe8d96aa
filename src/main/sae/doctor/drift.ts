// The diagnosis of reconstructions that are too short or too long.
import type { ValidationRecord } from '../../store/training-metrics.ts'
import { type Diagnosis, type Seen, settled, short } from './seen.ts'

/** x̂ of length (1 ± 0.15) times the best one adds 0.15² ≈ 2 % of the row's power to the error: a tenth of a usual FVU. */
const DRIFT = 0.15
/** Moved away by this over three validations, it is on its way there. */
const DRIFTING = 0.05

export function drifting({ config, validations, ...course }: Seen): Diagnosis | null {
  const told = validations.filter(({ step }) => settled(step, { config, ...course })).slice(-3)
  const last = told.at(-1)
  if (!last) return null
  const away = told.map((validation) => Math.abs(lengthOf(validation) - 1))
  const moving =
    told.length === 3 &&
    away.every((distance, place) => place === 0 || distance > away[place - 1]!) &&
    away[2]! - away[0]! >= DRIFTING
  if (away.at(-1)! <= DRIFT && !moving) return null
  const [length, before] = [lengthOf(last), told[0]!]
  const penalised = config.variant.startsWith('relu')
  return {
    ...{ id: 'norm-drift', severity: 'warning' },
    evidence:
      `Reconstructions are ${short(length)} times as long as would fit best at step ${last.step}` +
      `${before === last ? '' : `, and were ${short(lengthOf(before))} times at step ${before.step}`}.`,
    ...(length < 1 && penalised
      ? {
          knob: 'l1',
          advice: `The penalty shrinks what fires: lower it (it is ${short(config.l1)}), or train gated, jumprelu or topk.`,
        }
      : { knob: 'rate', advice: 'Lower the learning rate, or clip gradients at less.' }),
  }
}

/** Length of x̂ as a multiple of the one that, in its direction, explains x best: ‖x‖ times the cosine. */
function lengthOf({ shrinkage, cosine }: ValidationRecord): number {
  return shrinkage / Math.max(cosine, 1e-6)
}
