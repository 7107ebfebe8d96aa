// Command-line flags made from the fields of a config schema, and their values read back.
import { Option } from 'commander'
import type { Field } from '../../shared/config.ts'
import { expected } from '../../shared/errors.ts'

/** "concurrentJobs" → "concurrent-jobs". */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

export function optionOf(field: Field): Option {
  const value = field.type === 'boolean' ? '' : ` <${field.unit ?? field.type}>`
  const option = new Option(`--${flagName(field.name)}${value}`, field.help)
  if (field.choices) option.choices([...field.choices])
  if (field.default !== undefined) option.default(undefined, JSON.stringify(field.default))
  return option
}

/** `text` as the value of `field`; throws `settings/value` where it is none. The schema checks the rest. */
export function parseValue(field: Field, text: string): unknown {
  if (field.type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true'
  } else if (field.type === 'number' || field.type === 'integer') {
    if (text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text)
  } else {
    return text
  }
  throw expected('settings/value', `${field.name}: "${text}" is no ${field.type}.`, field.help)
}
