// A config field written once: type, default, unit and one line of help; form, flags and reports derive from it.
import { z } from 'zod'

/** What a person is told about a field. */
export interface FieldMeta {
  readonly label: string
  /** One line; ends with a full stop. */
  readonly help: string
  /** Shown behind the value: "tokens", "bytes", "s". */
  readonly unit?: string
  /** How the form asks for it when the type alone does not say; a `path` is a folder or a file, a `model` or `harvest` an id or a folder. */
  readonly input?: 'folder' | 'file' | 'path' | 'model' | 'harvest' | 'sae'
  /** What people call the choices, by value. */
  readonly names?: Readonly<Record<string, string>>
  /** With which a file's name must end to be chosen: ".gguf". */
  readonly extension?: string
  /** The choices of another field for which it counts; forms show it, and hand it over, only then. */
  readonly appliesTo?: { readonly field: string; readonly values: readonly unknown[] }
}

/** A field as forms and command-line flags see it. */
export interface Field extends FieldMeta {
  readonly name: string
  readonly type: 'text' | 'number' | 'integer' | 'boolean' | 'choice'
  readonly choices?: readonly string[]
  readonly default?: unknown
  readonly required: boolean
  readonly minimum?: number
  /** It must be more than this. */
  readonly above?: number
  readonly maximum?: number
}

/** Attaches what a person is told to a schema. */
export function field<S extends z.ZodType>(schema: S, meta: FieldMeta): S {
  return schema.meta({ ...meta })
}

/** The fields of a flat config schema in the order they were declared; a nested field is a programming error. */
export function fieldsOf(schema: z.ZodObject): Field[] {
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonObject
  const required = new Set(json.required ?? [])
  return Object.entries(json.properties ?? {}).map(([name, property]) => {
    const { label, help, unit, input, names, extension, appliesTo } = property
    if (label === undefined || help === undefined) throw new Error(`Field "${name}" has no label or help.`)
    return {
      name,
      label,
      help,
      type: fieldType(name, property),
      required: required.has(name),
      ...(unit !== undefined && { unit }),
      ...(input !== undefined && { input }),
      ...(names !== undefined && { names }),
      ...(extension !== undefined && { extension }),
      ...(appliesTo !== undefined && { appliesTo }),
      ...(property.enum && { choices: property.enum }),
      ...(property.default !== undefined && { default: property.default }),
      ...bounds(property),
    }
  })
}

/** Those of the fields that count with what is filled in. */
export function fieldsFor(fields: readonly Field[], values: Readonly<Record<string, unknown>>): Field[] {
  return fields.filter(({ appliesTo }) => {
    if (!appliesTo) return true
    const other = fields.find(({ name }) => name === appliesTo.field)
    return appliesTo.values.includes(values[appliesTo.field] ?? other?.default)
  })
}

/** A validation failure in one sentence a person can act on: "concurrent: Too small: expected number to be >=1". */
export function issueText(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ')
}

interface JsonProperty extends Partial<FieldMeta> {
  readonly type?: string
  readonly enum?: string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

interface JsonObject {
  readonly properties?: Record<string, JsonProperty>
  readonly required?: string[]
}

function fieldType(name: string, property: JsonProperty): Field['type'] {
  if (property.enum) return 'choice'
  if (property.type === 'string') return 'text'
  if (property.type === 'number' || property.type === 'integer' || property.type === 'boolean')
    return property.type
  throw new Error(`Field "${name}" is of type ${property.type ?? 'unknown'}, which no form can show.`)
}

function bounds(property: JsonProperty): Pick<Field, 'minimum' | 'above' | 'maximum'> {
  const { minimum, exclusiveMinimum: above, maximum } = property
  return {
    ...(above !== undefined && { above }),
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
  }
}
