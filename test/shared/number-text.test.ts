// Numbers as people type them: what is read, what is left as it is, and what is said of what does not fit.
import { describe, expect, it } from 'vitest'
import { fieldsOf } from '../../src/shared/config.ts'
import { numberProblem, numberText, readNumber } from '../../src/shared/number-text.ts'
import { trainConfigSchema } from '../../src/shared/sae.ts'

const fields = fieldsOf(trainConfigSchema)
const problem = (name: string, value: unknown) =>
  numberProblem(
    fields.find((field) => field.name === name)!,
    value,
  )

describe('a number that is typed', () => {
  it.each([
    ['768', 768],
    ['1e-4', 0.0001],
    ['1E5', 100_000],
    ['.0003', 0.0003],
    ['3.', 3],
    ['20k', 20_000],
    ['1.5 k', 1_500],
    ['2.3M', 2_300_000],
    ['1B', 1e9],
    ['200,000', 200_000],
    ['1,234,567.5', 1_234_567.5],
    ['200 000', 200_000],
    ['200_000', 200_000],
    ['20k tokens', 20_000],
    ['-5', -5],
    ['−5', -5],
    ['+5', 5],
    ['-0', 0],
    [' 7 ', 7],
  ])('%s is read', (text, number) => {
    expect(readNumber(text, 'tokens')).toBe(number)
  })

  it.each([
    'abc',
    '20q',
    '1e',
    '2m',
    '0,0003',
    '1,00',
    '12,34,567',
    '1.2.3',
    '1e999',
    '0x10',
    '.',
    '--5',
    '5 5',
  ])('%s is left as it is', (text) => expect(readNumber(text, 'tokens')).toBe(text))

  it('is nothing where nothing was typed', () => {
    expect(readNumber('  ')).toBeUndefined()
  })

  it('is shown with thousands separators and every digit', () => {
    expect([200_000, 0.0001, 1e-7, 0.30000000000000004, -5, 2 ** 32 - 1].map(numberText)).toEqual([
      ...['200,000', '0.0001', '1e-7', '0.30000000000000004', '-5', '4,294,967,295'],
    ])
    expect(numberText('20q')).toBe('20q')
    expect(numberText(undefined)).toBe('')
  })
})

describe('what is wrong with a number', () => {
  it('is said in one sentence', () => {
    expect(problem('rate', '20q')).toBe('“20q” is no number, as 20000, 20k, 0.003 or 3e-4 are.')
    expect(problem('width', 7)).toBe('It must be at least 8.')
    expect(problem('width', 768.5)).toBe('It must be a whole number.')
    expect(problem('rate', 0)).toBe('It must be more than 0.')
    expect(problem('rate', 2)).toBe('It must be at most 1.')
    expect(problem('contextLength', 70_000)).toBe('It must be at most 65,535.')
  })

  it('is nothing where it fits, or nothing was typed', () => {
    expect(problem('rate', 0.0001)).toBeUndefined()
    expect(problem('width', undefined)).toBeUndefined()
    expect(problem('width', '')).toBeUndefined()
  })
})
