// Tables of what can be set, made from the fields that forms and flags are made from.
import { fieldsOf } from '../../src/shared/config.ts'
import type { Field } from '../../src/shared/config.ts'
import { harvestConfigSchema } from '../../src/shared/harvest.ts'
import { indexConfigSchema } from '../../src/shared/index-config.ts'
import { trainConfigSchema } from '../../src/shared/sae.ts'
import { flagName } from '../../src/main/cli/flags.ts'

const schemas = { harvest: harvestConfigSchema, train: trainConfigSchema, index: indexConfigSchema }
const REGION = /(<!-- knobs: (\w+) -->\n)[^]*?(<!-- \/knobs -->)/g

/** The page with the tables between its marks made anew; throws for a table nobody knows. */
export function renewKnobs(page: string): string {
  return page.replace(REGION, (_, begin: string, name: string, end: string) => {
    if (!Object.hasOwn(schemas, name)) throw new Error(`There is no table of knobs "${name}".`)
    return `${begin}\n${table(fieldsOf(schemas[name as keyof typeof schemas]))}\n${end}`
  })
}

function table(fields: readonly Field[]): string {
  const rows = fields.map((field) => {
    const { label, name, unit, help } = field
    return `| ${label} | \`--${flagName(name)}\` | ${defaultOf(field)} | ${unit ?? ''} | ${help.replaceAll('|', String.raw`\|`)}${choicesOf(field)} |\n`
  })
  return `| on the form | flag | default | unit | what it does |\n| - | - | - | - | - |\n${rows.join('')}`
}

function defaultOf(field: Field): string {
  if (field.required) return '(asked for)'
  if (field.default === undefined) return ''
  if (field.type === 'boolean') return field.default === true ? 'on' : 'off'
  if (typeof field.default === 'number')
    return field.default.toLocaleString('en', { maximumSignificantDigits: 6 })
  return `\`${field.default as string}\``
}

function choicesOf({ choices }: Field): string {
  return choices ? ` One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.` : ''
}
