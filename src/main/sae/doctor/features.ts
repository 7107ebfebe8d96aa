// Diagnoses of what features are used for: dead ones, dense ones, and those that are spent on punctuation.
import type { TrainConfig } from '../../../shared/sae.ts'
import { formatPercent } from '../../../shared/units.ts'
import { type Diagnosis, type Remedy, SATURATED, type Seen, short, sparsityKnob } from './seen.ts'

/** Dead features are a matter of course below this share (Gao et al. report up to 7 % with AuxK). */
const DEAD = 0.1
/** The growth over three checkups that is more than the coming and going of rare features. */
const DEAD_GROWTH = 0.02
/** Beyond this share the dictionary is at best half as wide as what was paid for. */
const DEAD_MOST = 0.5
/** log₁₀ of the density from which a feature is called dense (Sun et al., 2025, speak of a tenth to a half): hardly a word is in so many rows. */
const DENSE = -1
/** … and it fires so many times as often as the average feature; in a narrow dictionary that average is high itself. */
const DENSE_TIMES = 4
/** The share of all firings at which more of a code is the same whatever the text than is about it. */
const DENSE_FIRINGS = 1 / 2
/** On the demo 12 % of the rows are marks, with 11 % of what features add up to and 7 % of the features. Twice their share … */
const MARKS_TIMES = 2
/** … matters once it is a quarter of the whole. */
const MARKS_LEAST = 0.25

const withAuxK = ['topk', 'batchtopk', 'matryoshka']

export function dying({ config, checked, last }: Seen): Diagnosis | null {
  // at the step before this one, features that never fired are all counted at once
  const counted = config.deadAfter / config.batch
  const course = [...checked.filter(({ step }) => step !== last.step), last].slice(-3)
  const from = course[0]!
  const grows =
    course.length === 3 &&
    from.step > counted &&
    last.dead >= DEAD &&
    last.dead - from.dead >= DEAD_GROWTH &&
    course.every(({ dead }, place) => place === 0 || dead > course[place - 1]!.dead)
  const most = last.dead >= DEAD_MOST
  if (!grows && !most) return null
  const silent = `have not fired for ${config.deadAfter.toLocaleString('en-US')} rows`
  return {
    ...{ id: 'dead-growing', severity: most ? 'serious' : 'warning' },
    evidence:
      `${formatPercent(last.dead)} of the features ${silent} at step ${last.step}` +
      `${grows ? `; it was ${formatPercent(from.dead)} at step ${from.step}` : ''}.`,
    ...revival(config),
  }
}

function revival({ variant, auxCoefficient, resampleEvery }: TrainConfig): Remedy {
  if (withAuxK.includes(variant) && auxCoefficient < 1 / 32) {
    return {
      knob: 'auxCoefficient',
      advice: `Raise it to 1/32 (0.03125), so that dead features learn what is left over; it is ${short(auxCoefficient)}.`,
    }
  }
  if (resampleEvery === 0) {
    return {
      knob: 'resampleEvery',
      advice: 'It is off: let dead features begin anew, every tenth of the run.',
    }
  }
  return {
    knob: 'rate',
    advice: 'Lower the learning rate, or choose a smaller width: there is not enough to explain.',
  }
}

export function dense({ config, width, validations }: Seen): Diagnosis | null {
  const validation = validations.at(-1)
  // where all codes are dense or empty, that is what is wrong
  if (!validation || validation.l0 > SATURATED * width || validation.l0 < 1) return null
  const least = Math.max(DENSE, Math.log10((DENSE_TIMES * validation.l0) / config.width))
  // bins are quarters of powers of ten, from 10⁻⁸ up, after the one of those that never fired
  const from = 1 + Math.ceil(4 * (least + 8))
  const edge = (bin: number) => 10 ** (-8 + (bin - 1) / 4)
  const counts = validation.densities.slice(from)
  const count = counts.reduce((sum, features) => sum + features, 0)
  const firings = counts.reduce((sum, features, at) => sum + features * edge(from + at), 0)
  const share = firings / validation.l0
  if (count === 0 || share < DENSE_FIRINGS) return null
  const knob = sparsityKnob(config)
  return {
    ...{ id: 'dense-features', severity: 'warning' },
    evidence:
      `${count} of ${config.width} features fire in ${formatPercent(edge(from))} of the rows or more, and make up at ` +
      `least ${formatPercent(Math.min(1, share))} of all that fires at step ${validation.step}.`,
    ...(knob === 'l1' || knob === 'l0Coefficient'
      ? {
          knob,
          advice: `Raise it by half, so that firing everywhere costs more; it is ${short(config[knob])}.`,
        }
      : {
          knob: 'rate',
          advice:
            'Lower the learning rate, or lengthen its warm-up: these features won the start and stay in every code.',
        }),
  }
}

export function spentOnMarks({ validations }: Seen): Diagnosis | null {
  const last = validations.at(-1)
  if (!last?.marks) return null
  const { rows, mass, features } = last.marks
  const tooMuch = (share: number) => share >= MARKS_LEAST && share >= MARKS_TIMES * rows
  if (!tooMuch(mass) && !tooMuch(features)) return null
  return {
    ...{ id: 'marks-dominate', severity: 'warning' },
    evidence:
      `${formatPercent(rows)} of the rows are punctuation, spaces or special tokens; ${formatPercent(mass)} of what ` +
      `features add up to falls on them, and ${formatPercent(features)} of the features fire mostly there, at step ${last.step}.`,
    ...(tooMuch(mass)
      ? {
          knob: 'harvest.sinkFactor',
          advice:
            'Their rows are much longer than others: harvest with a smaller factor, which leaves those out.',
        }
      : {
          knob: 'harvest.frequencyCap',
          advice:
            'Harvest with a cap below the share of the most frequent of them, such as 0.01, which thins them out.',
        }),
  }
}
