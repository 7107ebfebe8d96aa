// Chats of which one side is steered, ends of sliders, which features are told, and presets.
import { describe, expect, it } from 'vitest'
import {
  chatOf,
  freshSetup,
  pinnedOf,
  presetOf,
  rangeOf,
  strengthsOf,
  withAnswers,
  withChat,
  withFeature,
  withIntervention,
  withKind,
  withPreset,
} from '../../../src/renderer/state/steering-setup.ts'
import { steeringSetupSchema } from '../../../src/shared/steering-sessions.ts'

const user = (content: string) => ({ role: 'user' as const, content })
const assistant = (content: string) => ({ role: 'assistant' as const, content })

describe('a chat', () => {
  const first = withChat(withKind({ ...freshSetup('s'), prompt: 'Hello' }, 'chat'), { system: 'Be brief.' })

  it('begins with what was written as a text, and becomes it again', () => {
    expect(first.prompt).toEqual([{ role: 'system', content: 'Be brief.' }, user('Hello')])
    expect(withKind(first, 'text').prompt).toBe('Hello')
  })

  it('goes on in two conversations that share what the person says', () => {
    const second = withChat(withAnswers(first, 'Good day.', 'Buenos días.'), { message: 'How are you?' })
    const system = { role: 'system', content: 'Be brief.' }
    expect(second.prompt).toEqual([system, user('Hello'), assistant('Good day.'), user('How are you?')])
    expect(second.steeredPrompt).toEqual([
      ...[system, user('Hello'), assistant('Buenos días.'), user('How are you?')],
    ])
    const third = withAnswers(second, 'Well.', 'Bien.')
    expect(chatOf(third.prompt).turns.map(({ content }) => content)).toEqual([
      ...['Hello', 'Good day.', 'How are you?', 'Well.'],
    ])
    expect(chatOf(third.steeredPrompt!).turns.at(-1)).toEqual(assistant('Bien.'))
    expect(steeringSetupSchema.parse(third)).toEqual(third)
    expect(withKind(third, 'text').steeredPrompt).toBeUndefined()
  })

  it('has no system message where that is empty', () => {
    expect(withChat(first, { system: ' ' }).prompt).toEqual([user('Hello')])
  })
})

describe('features', () => {
  it('are there once, steered ones told before those that conditions ask for', () => {
    const setup = withFeature(withFeature(withFeature(freshSetup('s'), 3), 5), 3)
    expect(setup.interventions.map(({ feature, strength }) => [feature, strength])).toEqual([
      [3, 0.5],
      [5, 0.5],
    ])
    const asking = withIntervention(setup, 0, {
      ...setup.interventions[0]!,
      where: { feature: 88, threshold: 0 },
    })
    expect(pinnedOf(asking)).toEqual([3, 5, 88])
  })

  it('have sliders as long as they need', () => {
    expect([0, 2, -2.1, 5, 7, -20].map(rangeOf)).toEqual([2, 2, 5, 5, 10, 20])
    expect(strengthsOf(2)).toEqual([-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2])
    expect(strengthsOf(10)).toContain(7.5)
  })
})

describe('presets', () => {
  it('set the knobs together, and leave seed and length alone', () => {
    const fresh = freshSetup('s')
    const own = { ...fresh, maxTokens: 9, sampling: { ...fresh.sampling, seed: 5, minP: 0.2 } }
    expect(presetOf(fresh.sampling)).toBe('Balanced')
    expect(presetOf(own.sampling)).toBeNull()
    const greedy = withPreset(own, 'Greedy')
    expect(presetOf(greedy.sampling)).toBe('Greedy')
    expect(greedy).toMatchObject({ maxTokens: 9, sampling: { seed: 5, temperature: 0, minP: 0 } })
    expect(presetOf(withPreset(greedy, 'Balanced').sampling)).toBe('Balanced')
  })
})
