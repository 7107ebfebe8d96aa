// Units, config fields and errors: small things that every page and command relies on.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { field, fieldsOf, issueText } from '../../src/shared/config.ts'
import { settingsSchema } from '../../src/shared/contract/settings.ts'
import { cancelled, expected, fromErrorData, toErrorData } from '../../src/shared/errors.ts'
import { jobKinds } from '../../src/shared/jobs/kinds.ts'
import { appendColumns, toColumns } from '../../src/shared/jobs/series.ts'
import { stages } from '../../src/shared/stages.ts'
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatQuantity,
  formatSeconds,
} from '../../src/shared/units.ts'
import { sampleAt } from '../helpers/samples.ts'

describe('units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [1_536_000, '1.54 MB'],
    [999_999, '1 MB'],
    [-2_500, '−2.5 kB'],
    [3e15, '3 PB'],
  ])('bytes %d', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [0.44, '0.4 s'],
    [58.2, '58 s'],
    [60, '1 min'],
    [3_725, '1 h 2 min'],
    [90_000, '1 d 1 h'],
  ])('seconds %d', (seconds, text) => expect(formatSeconds(seconds)).toBe(text))

  it('counts, quantities and shares', () => {
    expect(formatCount(9_999)).toBe('9,999')
    expect(formatCount(412_000)).toBe('412 k')
    expect(formatQuantity(1_906, 'documents')).toBe('1,906 documents')
    expect(formatQuantity(2_000, 'bytes')).toBe('2 kB')
    expect(formatPercent(0.1234)).toBe('12.3 %')
  })
})

describe('config fields', () => {
  it('derive from the schema, in order', () => {
    const schema = z.object({
      rate: field(z.number().min(0).default(0.5), { label: 'Rate', help: 'How fast.', unit: 's' }),
      way: field(z.enum(['up', 'down']), { label: 'Way', help: 'Where to.' }),
    })
    expect(fieldsOf(schema)).toEqual([
      {
        name: 'rate',
        label: 'Rate',
        help: 'How fast.',
        unit: 's',
        type: 'number',
        default: 0.5,
        required: false,
        minimum: 0,
      },
      {
        name: 'way',
        label: 'Way',
        help: 'Where to.',
        type: 'choice',
        choices: ['up', 'down'],
        required: true,
      },
    ])
  })

  it('of every job kind and setting have a label and a sentence of help', () => {
    const schemas = [settingsSchema, ...Object.values(jobKinds).map((kind) => kind.params)]
    for (const found of schemas.flatMap((schema) => fieldsOf(schema))) {
      expect(found.label).not.toBe('')
      expect(found.help).toMatch(/\.$/)
    }
  })

  it('say what is wrong in a sentence', () => {
    const { error } = z.object({ folder: z.string().min(1) }).safeParse({ folder: 3 })
    expect(error && issueText(error)).toContain('folder: ')
  })
})

describe('errors', () => {
  it('survive the way over a border', () => {
    const there = toErrorData(expected('disk/full', 'Full.', 'Free some.', new Error('ENOSPC')))
    expect(toErrorData(fromErrorData(structuredClone(there)))).toEqual(there)
    expect(there.cause).toContain('ENOSPC')
  })

  it('tell cancellations, expected errors and bugs apart', () => {
    expect(toErrorData(cancelled()).kind).toBe('cancelled')
    expect(toErrorData(new DOMException('stop', 'AbortError')).kind).toBe('cancelled')
    expect(toErrorData(expected('a/b', 'c')).kind).toBe('expected')
    expect(toErrorData('text')).toMatchObject({ kind: 'bug', code: 'bug' })
  })
})

describe('series', () => {
  it('turn into columns and join', () => {
    const joined = appendColumns(toColumns([sampleAt(1, { rss: 5 })]), toColumns([sampleAt(2)]))
    expect([...joined.at]).toEqual([1, 2])
    expect([...joined.rss]).toEqual([5, Number.NaN])
  })
})

describe('stages', () => {
  it('are named once, in the order of the work', () => {
    const ids = stages.map((stage) => stage.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(['corpus', 'tokens', 'activations', 'sae', 'features', 'steering', 'report'])
  })
})
