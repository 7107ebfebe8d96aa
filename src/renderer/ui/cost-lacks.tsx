// Why it cannot be told what something would need: a field is wrong, or one that it takes is empty.
import { fieldsOf } from '../../shared/config.ts'
import type { z } from 'zod'

interface CostLacksProps {
  readonly schema: z.ZodObject
  readonly values: Readonly<Record<string, unknown>>
  /** What to do where nothing is wrong: "Name a harvest". */
  readonly missing: string
  /** What is told then: "rows, disk and memory". */
  readonly told: string
}

export function CostLacks({ schema, values, missing, told }: CostLacksProps) {
  const wrong = wrongFields(schema, values)
  const correct = `Correct the ${wrong.length === 1 ? 'field' : 'fields'} ${wrong.join(' and ')}`
  return (
    <p className="muted">
      {wrong.length > 0 ? correct : missing} to see {told}.
    </p>
  )
}

/** The labels of what is filled in and not valid. */
function wrongFields(schema: z.ZodObject, values: Readonly<Record<string, unknown>>): string[] {
  const issues = schema.safeParse(values).error?.issues ?? []
  const names = new Set(issues.map(({ path }) => path[0]))
  return fieldsOf(schema)
    .filter(({ name }) => names.has(name) && values[name] !== undefined)
    .map(({ label }) => `“${label}”`)
}
