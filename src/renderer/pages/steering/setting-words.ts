// What a setting of a session is called where two sessions are compared.
import { fieldsOf } from '../../../shared/config.ts'
import { knobsSchema } from '../../../shared/generation.ts'

const WORDS: ReadonlyMap<string, string> = new Map([
  ...fieldsOf(knobsSchema).map(({ name, label }) => [name, label] as const),
  ['sae', 'SAE'],
  ['anyName', 'model of another name'],
  ['interventions', 'Card'],
  ['where', 'only where'],
  ['prompt', 'Prompt'],
  ['steeredPrompt', 'Steered prompt'],
  ['pinned', 'Pinned feature'],
  ['stop', 'Stop text'],
  ['special', 'special tokens steered'],
])

/** "interventions.0.strength" as the page says it: "Card 1, strength". */
export function settingWords(path: string): string {
  const words: string[] = []
  for (const part of path.split('.')) {
    if (part === 'sampling') continue
    if (/^\d+$/.test(part)) words.push(`${words.pop() ?? ''} ${Number(part) + 1}`)
    else words.push(WORDS.get(part) ?? part)
  }
  return words.join(', ')
}
