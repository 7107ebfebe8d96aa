// What a person fills in to measure an effect, and the order it makes.
import type { InputOf } from '../../../shared/contract/define.ts'
import type { AppContract } from '../../../shared/contract/index.ts'
import { MOST_STRENGTH } from '../../../shared/steering.ts'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { hasStrength } from '../../state/steering-setup.ts'

export interface MeasureForm {
  /** Of a set that comes with the app the id and the target's name; empty for one's own. */
  readonly set: string
  readonly target: 'words' | 'feature'
  /** With commas or line ends between. */
  readonly words: string
  readonly feature: number
  readonly threshold: number
  /** Share of a text's words. */
  readonly above: number
  /** One a line. */
  readonly prompts: string
  readonly strengths: string
  readonly samples: number
  readonly fluent: boolean
  /** Random directions. */
  readonly random: number
}

type Order = InputOf<AppContract['steering.measure']>

/** Lines that are not empty. */
export function linesIn(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}

/** "a, b" → a and b. */
export function wordsIn(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** Numbers with commas or spaces between; what is none is NaN. */
export function strengthsIn(text: string): number[] {
  return text
    .replaceAll('−', '-')
    .split(/[,\s]+/)
    .filter((part) => part !== '')
    .map(Number)
}

/** The order, or what is missing in a sentence. */
export function measureOrderOf(
  setup: SteeringSetup,
  slider: number,
  form: MeasureForm,
  features: number | undefined,
): Order | { readonly problem: string } {
  const prompts = linesIn(form.prompts)
  const words = wordsIn(form.words)
  const strengths = strengthsIn(form.strengths)
  if (!hasStrength(setup.interventions[slider])) return { problem: 'What is ablated has no strength.' }
  if (prompts.length === 0) return { problem: 'Give at least one prompt.' }
  if (prompts.length > 200) return { problem: 'At most 200 prompts.' }
  if (strengths.length === 0 || strengths.some((one) => !(Math.abs(one) <= MOST_STRENGTH))) {
    return { problem: `Strengths are numbers from −${MOST_STRENGTH} to ${MOST_STRENGTH}.` }
  }
  if (form.target === 'words' && words.length === 0)
    return { problem: 'Give the words that count, or choose a set.' }
  if (form.target === 'feature' && features !== undefined && form.feature >= features) {
    return { problem: `There is no feature ${form.feature}: this SAE has ${features}, counted from 0.` }
  }
  const { prompt: _, steeredPrompt: __, ...rest } = setup
  return {
    ...{ ...rest, slider, prompts, strengths, samples: form.samples, fluent: form.fluent },
    target:
      form.target === 'words'
        ? { kind: 'words', words, above: form.above }
        : { kind: 'feature', feature: form.feature, threshold: form.threshold },
    randomSeeds: Array.from({ length: form.random }, (_none, seed) => seed),
  }
}
