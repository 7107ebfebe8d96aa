// The order of the prompt lab's rows, prompts as they are typed, and its scatter.
import { describe, expect, it } from 'vitest'
import { labGroups, labMapOption } from '../../../src/shared/charts/lab-map-option.ts'
import type { LabRun } from '../../../src/shared/prompt-lab.ts'
import { labRows, promptLines, typedPrompts } from '../../../src/renderer/pages/lab/lab-rows.ts'

const measure = {
  means: [Float32Array.of(1, 3, 2), Float32Array.of(0, 1, 2)],
  effect: Float32Array.of(Number.NaN, -1, 0.5),
}
const side = { set: 'a', name: 'Verses', hash: '', prompts: 2 }
const run: LabRun = {
  ...{ id: 'r', at: 0, sae: { id: 's', hash: '', features: 9 }, kind: 'parallel', cut: 0 },
  sides: [
    { ...side, language: 'en' },
    { ...side, language: 'es' },
  ],
  features: Uint32Array.of(2, 5, 7),
  measures: { all: measure, last: measure, max: measure },
  shares: [Float32Array.of(1, 1, 0.5), Float32Array.of(0, 1, 1)],
  relation: Uint8Array.of(2, 1, 1),
  both: Uint32Array.of(0, 2, 1),
}

it('Rows are in the order of a column, those without a number last either way', () => {
  expect([...labRows(run, 'all', { column: 'a', descending: true })]).toEqual([1, 2, 0])
  expect([...labRows(run, 'all', { column: 'effect', descending: true })]).toEqual([2, 1, 0])
  expect([...labRows(run, 'all', { column: 'effect', descending: false })]).toEqual([1, 2, 0])
  expect([...labRows(run, 'all', { column: 'a', descending: true }, 'independent')]).toEqual([1, 2])
})

describe('Typed prompts', () => {
  it('are a line each, or what is between lines of ---', () => {
    expect(typedPrompts('one\n\n two \n')).toEqual(['one', ' two '])
    expect(typedPrompts('def f():\n    return 1\n---\nx = 2')).toEqual(['def f():\n    return 1', 'x = 2'])
  })
  it.each([[['a', 'b']], [['a\nb']], [['a\n\nb', '  c', 'd']]])('come back as they were: %j', (prompts) => {
    expect(typedPrompts(promptLines(prompts))).toEqual(prompts)
  })
})

it('The scatter has a group for each relation that there is', () => {
  expect(labGroups(run)).toEqual([
    { name: 'across languages', places: [1, 2] },
    { name: 'en', places: [0] },
  ])
  const colors = { text: '', line: '', panel: '', ink: '', limit: 'grey', series: ['a', 'b'], fontFamily: '' }
  const { series } = labMapOption(run, 'all', ['en', 'es'], colors)
  expect(series.map(({ data }) => data)).toEqual([
    [
      [3, 1],
      [2, 2],
    ],
    // what never fires lies on the lower end of a logarithmic axis
    [[1, 0.001]],
  ])
})
