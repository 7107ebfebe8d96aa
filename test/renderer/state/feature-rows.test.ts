// Which features the table shows and in which order, compared with sorting and filtering them one by one.
import { describe, expect, it } from 'vitest'
import { hasFlag } from '../../../src/shared/feature-flags.ts'
import { allRows, type RowColumn, type RowFilter, rowsOf } from '../../../src/renderer/state/feature-rows.ts'
import { featureNote, featureTable } from '../../helpers/feature-table.ts'

const F = 8_192
const table = featureTable(F)
const notes = new Map(
  [
    featureNote(3, { label: 'heart' }),
    featureNote(7, { label: 'Aorta', starred: true }),
    featureNote(50, { label: 'zebra, dead' }),
    featureNote(9, { starred: true, lists: ['mine'] }),
  ].map((note) => [note.feature, note]),
)
const everything: RowFilter = { ...allRows, without: [] }

const rows = (filter: Partial<RowFilter>, column: RowColumn = 'feature', descending = false) => [
  ...rowsOf(table, notes, { ...everything, ...filter }, { column, descending }),
]

describe('the rows of the table of features', () => {
  it.each(['density', 'max', 'mean', 'contexts', 'stratum 1', 'language 0'] as const)(
    'are sorted by %s both ways, equal ones by their number',
    (column) => {
      const valueOf = (feature: number) =>
        ({
          ...{ density: table.density[feature]!, max: table.max[feature]!, mean: table.mean[feature]! },
          ...{ contexts: table.contexts[feature]!, 'stratum 1': table.byStratum[2 * feature + 1]! },
          'language 0': table.byLanguage[2 * feature]!,
        })[column]
      const all = Array.from({ length: F }, (_, feature) => feature)
      expect(rows({}, column)).toEqual(all.toSorted((a, b) => valueOf(a) - valueOf(b) || a - b))
      expect(rows({}, column, true)).toEqual(all.toSorted((a, b) => valueOf(b) - valueOf(a) || a - b))
    },
  )

  it('are in order of their labels whatever the case, those without one last both ways', () => {
    expect(rows({}, 'label').slice(0, 4)).toEqual([7, 3, 50, 0])
    expect(rows({}, 'label', true).slice(0, 4)).toEqual([50, 3, 7, 0])
  })

  it('are in order of their main tokens, dead ones last', () => {
    const sorted = rows({}, 'token')
    expect(table.spellings[table.spelling[sorted[0]!]!]).toBe(' word1')
    expect(table.token[sorted.at(-1)!]).toBe(-1)
    expect(table.token[rows({}, 'token', true).at(-1)!]).toBe(-1)
  })

  it('have stars first when that is asked for', () => {
    expect(rows({}, 'starred', true).slice(0, 3)).toEqual([7, 9, 0])
  })

  it('are those with all flags asked for and none left out', () => {
    const dense = rows({ only: ['dense', 'punctuation'] })
    expect(dense.length).toBeGreaterThan(100)
    expect(dense.every((feature) => hasFlag(table.flags[feature]!, 'dense'))).toBe(true)
    const others = rows({ without: ['dense', 'dead'] })
    expect(others.length + dense.length).toBe(F - rows({ only: ['dead'] }).length)
  })

  it('lie in the ranges of density and maximum', () => {
    const found = rows({ density: [0.001, 0.01], max: [2, 3] })
    const wanted = Array.from({ length: F }, (_, feature) => feature).filter(
      (feature) =>
        table.density[feature]! >= 0.001 &&
        table.density[feature]! <= 0.01 &&
        table.max[feature]! >= 2 &&
        table.max[feature]! <= 3,
    )
    expect(found).toEqual(wanted)
  })

  it('are found by star, list, label and number', () => {
    expect(rows({ starred: true })).toEqual([7, 9])
    expect(rows({ list: 'mine' })).toEqual([9])
    expect(rows({ labelled: true })).toEqual([3, 7, 50])
    expect(rows({ label: 'AORT' })).toEqual([7])
    expect(rows({ feature: 764 })).toEqual([764])
    expect(rows({ feature: F })).toEqual([])
  })

  it('are 65,536 in the time between two frames or so', () => {
    const large = featureTable(65_536)
    const times = Array.from({ length: 5 }, (_, round) => {
      const begin = performance.now()
      rowsOf(
        large,
        notes,
        { ...allRows, density: [0, 0.5] },
        { column: 'density', descending: round % 2 === 0 },
      )
      return performance.now() - begin
    })
    // the best of five: the machine does other things, too
    expect(Math.min(...times)).toBeLessThan(50)
  })
})
