// Numbers as people type them into a field: 200,000 and 20k, 1e-4 and .0003; and what is wrong with one.
import type { Field } from './config.ts'

/** What a suffix multiplies by, as a power of ten. */
const SUFFIXES: Readonly<Record<string, number>> = { k: 3, K: 3, M: 6, G: 9, B: 9 }

/** Digits, alone or in groups of three that nothing, a comma, a space, an underscore or an apostrophe parts. */
const WHOLE = String.raw`[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?:[ _'\u00a0\u2009\u202f]\d{3})+|\d+`
const NUMBER = new RegExp(
  `^([+−-]?)((?:${WHOLE})(?:\\.\\d*)?|\\.\\d+)(?:[eE]([+−-]?\\d{1,3}))?\\s*([kKMGB]?)$`,
)

/** The number; undefined where nothing was typed; the text itself where it is no number. Its unit may stand behind it. */
export function readNumber(text: string, unit = ''): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const bare = unit !== '' && trimmed.endsWith(unit) ? trimmed.slice(0, -unit.length).trim() : trimmed
  const [, sign, digits = '', exponent = '0', suffix = ''] = NUMBER.exec(bare) ?? []
  if (sign === undefined) return text
  // put together as text: 2.3 × 10⁶ would not be whole as a product
  const power = Number(exponent.replace('−', '-')) + (SUFFIXES[suffix] ?? 0)
  const number = Number(`${digits.replaceAll(/[^\d.]/g, '')}e${power}`)
  if (!Number.isFinite(number)) return text
  return sign === '' || sign === '+' || number === 0 ? number : -number
}

/** A value as a number's field shows it: with thousands separators, and every digit. */
export function numberText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'number') return ''
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toLocaleString('en-US') : String(value)
}

/** Why a value is none for this field, in one sentence; undefined where it is one, or nothing was typed. */
export function numberProblem(
  { type, minimum, above, maximum }: Pick<Field, 'type' | 'minimum' | 'above' | 'maximum'>,
  value: unknown,
): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'number')
    return `“${numberText(value)}” is no number, as 20000, 20k, 0.003 or 3e-4 are.`
  if (type === 'integer' && !Number.isInteger(value)) return 'It must be a whole number.'
  if (minimum !== undefined && value < minimum) return `It must be at least ${numberText(minimum)}.`
  if (above !== undefined && value <= above) return `It must be more than ${numberText(above)}.`
  if (maximum !== undefined && value > maximum) return `It must be at most ${numberText(maximum)}.`
  return undefined
}
