// Text of a corpus as data: what it says can neither be markup, nor a formula, nor turn the text around it.
import { visible } from '../../shared/visible.ts'

/** In an element or between double quotes. */
export function html(text: string): string {
  return visible(text).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** In a line of Markdown; line ends are seen. */
export function markdown(text: string): string {
  return visible(text)
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replaceAll(/[\\`*_{}[\]()#+\-.!|<>~&$^=:@]/g, (character) => `\\${character}`)
}

/** A field of CSV; one that a spreadsheet would take for a formula begins with an apostrophe. */
export function csv(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : ''
  const text = visible(value).replaceAll('\n', '↵')
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
