// SAEs side by side: in which settings their trainings differ, and the figures of each.
import { fieldsOf } from './config.ts'
import { trainConfigSchema } from './sae.ts'
import type { SaeEntry } from './saes.ts'
import { formatBytes, formatPercent } from './units.ts'

export interface ComparedRow {
  readonly name: string
  /** One for each SAE; null where it has none. */
  readonly values: readonly (string | null)[]
}

const digits = (value: number) => String(Number(value.toPrecision(4)))

/** Fields whose values are not all the same, as the form calls them; an SAE from elsewhere has none. */
export function differences(saes: readonly SaeEntry[]): ComparedRow[] {
  return fieldsOf(trainConfigSchema).flatMap(({ name, label, unit }) => {
    const values = saes.map(({ config }) => {
      const value = config?.[name as keyof typeof config]
      return value === undefined ? null : settingText(value, unit)
    })
    const known = values.filter((_, at) => saes[at]!.config !== null)
    return new Set(known).size > 1 ? [{ name: label, values }] : []
  })
}

/** What was found of each. */
export function figures(saes: readonly SaeEntry[]): ComparedRow[] {
  const row = (name: string, value: (done: NonNullable<SaeEntry['done']>) => string | null | undefined) => ({
    name,
    values: saes.map(({ done }) => (done ? (value(done) ?? null) : null)),
  })
  const rows: ComparedRow[] = [
    row('Architecture', ({ architecture }) => architecture),
    row('Features', ({ features }) => features.toLocaleString('en-US')),
    row('Model', ({ model }) => model),
    row('Hook', ({ hook }) => hook),
    row('Unexplained variance', ({ validation }) => validation && formatPercent(validation.fvu)),
    row('L0', ({ validation }) => validation && digits(validation.l0)),
    row('Dead features', ({ validation }) => validation && formatPercent(validation.dead)),
    row('Loss recovered', ({ evaluation }) => evaluation && formatPercent(evaluation.ceRecovered)),
    row('KL, nats a token', ({ evaluation }) => evaluation && digits(evaluation.kl)),
    { name: 'Size', values: saes.map(({ bytes }) => formatBytes(bytes)) },
  ]
  return rows.filter(({ values }) => values.some((value) => value !== null))
}

function settingText(value: string | number | boolean, unit: string | undefined): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const number = value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
  return unit === undefined ? number : `${number} ${unit}`
}
