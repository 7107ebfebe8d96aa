// How tokens are spelled, so that their spaces and line ends are seen.
import { visible } from './visible.ts'

/** A token on its own: every space of it is seen. */
export function shown(token: string): string {
  return visible(token.replaceAll(' ', '·').replaceAll('\n', '↵').replaceAll('\t', '⇥'))
}

/**
 * As a token stands in running text: line ends and tabs are seen, and so is a token of nothing but spaces, which would
 * else be a coloured gap.
 */
export function inText(token: string): string {
  const text = token.replaceAll('\n', '↵').replaceAll('\t', '⇥')
  return visible(/^ +$/.test(text) ? text.replaceAll(' ', '·') : text)
}
