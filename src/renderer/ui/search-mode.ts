// What is meant by a text in the search box: told by what was chosen, by a word before it, or by what it looks like.

export const searchModes = ['auto', 'contexts', 'label', 'token', 'text'] as const
export type SearchMode = (typeof searchModes)[number]

export const modeTitles: Readonly<Record<SearchMode, string>> = {
  auto: 'Anything',
  contexts: 'Contexts',
  label: 'Labels',
  token: 'Tokens',
  text: 'Pasted text',
}

export type Search =
  | { readonly kind: 'none' }
  | { readonly kind: 'contexts' | 'label' | 'token' | 'text'; readonly text: string }
  | { readonly kind: 'feature'; readonly feature: number }

/** From so many characters on it was pasted, not typed. */
const PASTED = 240

const prefixes = {
  context: 'contexts',
  contexts: 'contexts',
  label: 'label',
  labels: 'label',
  token: 'token',
  tokens: 'token',
} as const

/** "764" and "#764" are a feature; "label: heart", "token: aorta" say what they are; a long text or one of lines is run. */
export function searchOf(typed: string, mode: SearchMode): Search {
  const text = typed.trim()
  if (text === '') return { kind: 'none' }
  // a space before a token is part of it
  if (mode === 'token') return { kind: 'token', text: typed }
  if (mode !== 'auto') return { kind: mode, text }
  if (/^#?\d{1,7}$/.test(text)) return { kind: 'feature', feature: Number(text.replace('#', '')) }
  const named = /^([a-z]+):(.*)$/s.exec(text)
  if (named && Object.hasOwn(prefixes, named[1]!)) {
    const kind = prefixes[named[1] as keyof typeof prefixes]
    const rest = named[2]!.trim()
    return rest === '' ? { kind: 'none' } : { kind, text: rest }
  }
  return { kind: text.length > PASTED || text.includes('\n') ? 'text' : 'contexts', text }
}
