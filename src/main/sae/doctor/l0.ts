// Diagnoses of the number of active features: too few, too many, or a sparsity term that does not reach them.
// Letters: D width of the model.
import type { TrainConfig } from '../../../shared/sae.ts'
import { formatPercent } from '../../../shared/units.ts'
import type { StepRecord } from '../../store/training-metrics.ts'
import {
  type Diagnosis,
  keepsGreatest,
  meanOf,
  type Remedy,
  SATURATED,
  type Seen,
  short,
  spanOf,
  sparsityKnob,
  wantedL0,
} from './seen.ts'

/** Below this share of the L0 that was asked for, most of a code is left empty; where none was asked for, 1 counts. */
const COLLAPSED = 1 / 2
/** Above so many times the target the control has lost its hold: a target is missed by a few per cent when it works. */
const OFF_TARGET = 2
/** A term that is a smaller share of the loss than this has a gradient that drowns in the noise of a batch. */
const IDLE_SHARE = 0.01
/** About half of the features fire while the term has no weight. One that bites takes away far more than a fifth of them. */
const IDLE_FALL = 0.8
/** An L0 that fell to less than this share since the checkup before is on its way down, and is left alone. */
const FALLING = 0.95

export function collapsed({ config, recent, last }: Seen): Diagnosis | null {
  const [l0, wanted] = [meanOf(recent, 'l0'), wantedL0(config)]
  if (l0 >= (wanted === null ? 1 : COLLAPSED * wanted)) return null
  return {
    ...{ id: 'l0-collapsed', severity: 'serious', ...letMoreFire(config) },
    evidence:
      `L0, the active features of a row, is ${short(l0)} ${over(recent)}` +
      `${wanted === null ? '' : `, where ${short(wanted)} was asked for`}; the error is ${formatPercent(last.fvu)} of the variance.`,
  }
}

function letMoreFire(config: TrainConfig): Remedy {
  const knob = sparsityKnob(config)
  switch (knob) {
    case 'k':
      return {
        knob: 'rate',
        advice: 'Most features were pushed below zero: lower the learning rate, or lengthen its warm-up.',
      }
    case 'targetL0':
      return {
        knob: 'sparsityWarmup',
        advice:
          'Thresholds overshot and cannot come back: lengthen the sparsity warm-up, or widen the bandwidth.',
      }
    default:
      return { knob, advice: `Lower it, to a third at first; it is ${short(config[knob])}.` }
  }
}

export function saturated(seen: Seen): Diagnosis | null {
  const { config, width, recent } = seen
  const [l0, wanted] = [meanOf(recent, 'l0'), wantedL0(config)]
  const most = SATURATED * width
  const missed = !keepsGreatest(config) && wanted !== null && l0 > OFF_TARGET * wanted
  if ((l0 <= most && !missed) || falling(seen)) return null
  return {
    ...{ id: 'l0-saturated', severity: 'serious', ...letFewerFire(config, missed) },
    evidence:
      `L0, the active features of a row, is ${short(l0)} ${over(recent)}, where ` +
      (missed
        ? `${short(wanted)} was aimed at.`
        : `${short(most)}, half of the model’s width, is already no sparse code.`),
  }
}

function letFewerFire(config: TrainConfig, missed: boolean): Remedy {
  const knob = sparsityKnob(config)
  switch (knob) {
    case 'k':
      return { knob, advice: `Choose a smaller one; it is ${config.k}.` }
    case 'targetL0': {
      if (!missed) return { knob, advice: `Aim lower; it is ${short(config.targetL0!)}.` }
      const now = short(config.l0Coefficient)
      return {
        knob: 'l0Coefficient',
        advice: `Raise it, threefold at first; it is ${now}. A wider bandwidth moves thresholds faster.`,
      }
    }
    default:
      return { knob, advice: `Raise it, threefold at first; it is ${short(config[knob])}.` }
  }
}

export function idle(seen: Seen): Diagnosis | null {
  const { config, densest, recent } = seen
  if (keepsGreatest(config) || falling(seen)) return null
  const [l0, wanted] = [meanOf(recent, 'l0'), wantedL0(config)]
  // near its target a control has nothing left to do
  if (wanted !== null && l0 <= 1.5 * wanted) return null
  // the gated one's second term is an error of its own
  const share = config.variant === 'gated' ? null : meanOf(recent, 'penalty') / meanOf(recent, 'loss')
  const small = share !== null && share < IDLE_SHARE
  const stuck = densest !== null && l0 >= IDLE_FALL * densest.l0
  if (!small && !stuck) return null
  const knob = config.variant === 'jumprelu' ? 'l0Coefficient' : 'l1'
  const parts = [
    share === null ? null : `it is ${formatPercent(share)} of the loss ${over(recent)}`,
    `L0 is ${short(l0)}, and was ${short(densest?.l0 ?? l0)} at its highest, in step ${densest?.step}`,
  ]
  return {
    ...{ id: 'sparsity-idle', severity: 'warning' },
    evidence: `${capitalised(parts.filter((part) => part !== null).join('; '))}.`,
    knob,
    advice:
      config[knob] === 0
        ? 'It is 0: nothing asks for sparse codes. Raise it.'
        : `Raise it, threefold at first; it is ${short(config[knob])}.`,
  }
}

/** Whether L0 may still come down by itself; what is so at the end stays. */
function falling({ checked, last, recent, steps }: Seen): boolean {
  if (last.step === steps) return false
  const before = checked.findLast(({ step }) => step < last.step)
  return !before || meanOf(recent, 'l0') < FALLING * before.l0
}

const over = (records: readonly StepRecord[]) => `in steps ${spanOf(records)}`
const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
