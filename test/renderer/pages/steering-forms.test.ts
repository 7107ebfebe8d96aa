// What is asked of the host with what a person filled in, and what is said of tokens.
import { describe, expect, it } from 'vitest'
import {
  type MeasureForm,
  measureOrderOf,
  strengthsIn,
} from '../../../src/renderer/pages/steering/steering-measure-form.ts'
import {
  nextColor,
  readsOf,
  shadesOf,
  tokenWords,
} from '../../../src/renderer/pages/steering/steering-colors.ts'
import { freshSetup, withFeature, withIntervention } from '../../../src/renderer/state/steering-setup.ts'
import { steeringContract } from '../../../src/shared/contract/steering.ts'

const setup = withFeature(freshSetup('an-sae'), 7)
const form: MeasureForm = {
  ...{ set: '', target: 'words', words: 'pain, kidney\nheart', feature: 3, threshold: 0.5, above: 0.5 },
  ...{ prompts: 'The doctor\n\n She said', strengths: '0, 0.5 −1', samples: 5, fluent: true, random: 2 },
}

describe('a measurement', () => {
  it('is ordered as it was filled in', () => {
    const order = measureOrderOf(setup, 0, form, 64)
    expect(order).toMatchObject({
      ...{ prompts: ['The doctor', ' She said'], strengths: [0, 0.5, -1], samples: 5, fluent: true },
      ...{ randomSeeds: [0, 1], slider: 0, interventions: setup.interventions },
      target: { kind: 'words', words: ['pain', 'kidney', 'heart'], above: 0.5 },
    })
    expect(steeringContract['steering.measure'].input.safeParse(order).success).toBe(true)
    expect(measureOrderOf(setup, 0, { ...form, target: 'feature' }, 64)).toMatchObject({
      target: { kind: 'feature', feature: 3, threshold: 0.5 },
    })
  })

  it('says what is missing', () => {
    const problem = (changes: Partial<MeasureForm>) => measureOrderOf(setup, 0, { ...form, ...changes }, 64)
    expect(problem({ prompts: ' \n' })).toEqual({ problem: 'Give at least one prompt.' })
    expect(problem({ words: ' , ' })).toEqual({ problem: 'Give the words that count, or choose a set.' })
    expect(problem({ strengths: '0, much' })).toEqual({ problem: 'Strengths are numbers from −20 to 20.' })
    expect(problem({ target: 'feature', feature: 64 })).toEqual({
      problem: 'There is no feature 64: this SAE has 64, counted from 0.',
    })
    const ablated = withIntervention(setup, 0, { ...setup.interventions[0]!, mode: 'ablate' })
    expect(measureOrderOf(ablated, 0, form, 64)).toEqual({ problem: 'What is ablated has no strength.' })
  })

  it('reads strengths as they are typed', () => {
    expect(strengthsIn('−2,-1.5  0 +.5')).toEqual([-2, -1.5, 0, 0.5])
    expect(strengthsIn('1,x')[1]).toBeNaN()
  })
})

describe('tokens of a text', () => {
  const row = {
    tokens: [
      { id: 1, text: ' a', logProbability: -8, kl: 0 },
      { id: 2, text: '\n', logProbability: 0, kl: 3 },
      { id: 3, text: '', logProbability: -1, kl: null },
    ],
    // of two features, at two tokens of the prompt and two of the text
    ...{ reads: [1, 2, 3, 4, 5, 6, 7, 8], end: null },
  }

  it('have the activations behind those of the prompt', () => {
    expect(readsOf(row, 2, 2, 0)).toEqual([5, 7])
    expect(readsOf(row, 2, 2, 1)).toEqual([6, 8])
    expect(readsOf(row, 2, 2, -1)).toEqual([])
  })

  it('are shaded by what was chosen', () => {
    const of = { reads: [4, 0], max: 4 }
    expect(shadesOf(row, { color: 'none', ...of })).toBeUndefined()
    const [first, second] = shadesOf(row, { color: 'log-probability', ...of })!
    expect([first, second]).toEqual([0.65, 0])
    expect(shadesOf(row, { color: 'kl', ...of })).toEqual([0, 0.1625, 0])
    expect(shadesOf(row, { color: 'feature 7', ...of })).toEqual([1, 0, 0])
  })

  it('are told with all their numbers', () => {
    expect(tokenWords(row, 1, [{ feature: 7, values: [5, 7] }])).toBe(
      '“↵” · 100 % (0.00 nats) · KL 3.0 nats · feature 7: 7',
    )
    expect(tokenWords(row, 2, [{ feature: 7, values: [5, 7] }])).toBe(
      'no text of its own · 36.8 % (−1.00 nats)',
    )
    expect(tokenWords(row, 9, [])).toBe('')
  })

  it('go through all colours and begin again', () => {
    expect(nextColor('kl', [7])).toBe('feature 7')
    expect(nextColor('feature 7', [7])).toBe('none')
    // a feature that was removed
    expect(nextColor('feature 9', [7])).toBe('none')
  })
})
