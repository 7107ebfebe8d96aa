// What settings are called where two sessions are compared.
import { expect, it } from 'vitest'
import { settingWords } from '../../../src/renderer/pages/steering/setting-words.ts'

it.each([
  ['interventions.0.strength', 'Card 1, strength'],
  ['interventions.1.where.feature', 'Card 2, only where, feature'],
  ['sampling.temperature', 'Temperature'],
  ['pinned.0', 'Pinned feature 1'],
  ['prompt.2.content', 'Prompt 3, content'],
  ['maxTokens', 'Most tokens'],
])('%s is called %s', (path, words) => {
  expect(settingWords(path)).toBe(words)
})
