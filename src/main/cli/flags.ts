// Command-line flags made from the fields of a config schema, and their values read back.
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
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

/** Reads whole numbers from 0 to `most`; anything else is wrong usage. */
export function upTo(most: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`It is a whole number up to ${most}.`)
  }
}

/**
 * A model, a harvest or an SAE as the host means it: an id as it is, and a path, which has a separator in it, from the
 * folder of this process, for the host may have another.
 */
export function artifactOf(text: string): string {
  return /[/\\]/.test(text) || text.startsWith('.') ? resolve(text) : text
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
