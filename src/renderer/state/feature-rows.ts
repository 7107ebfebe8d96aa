// Which features the table shows, and in which order; all of it in typed arrays, so that 65,536 are sorted at each key.
// Letters: F features.
import { bitsOf, type FeatureFlag } from '../../shared/feature-flags.ts'
import type { FeatureNote } from '../../shared/feature-notes.ts'
import type { FeatureTable } from '../../shared/features.ts'

export type Notes = ReadonlyMap<number, FeatureNote>

/** Columns of every index; those of its strata and languages are "stratum 0", "language 1" and so on. */
export const rowColumns = [
  'feature',
  'starred',
  'label',
  'density',
  'max',
  'mean',
  'contexts',
  'norm',
  'flags',
  'token',
] as const
export type RowColumn = (typeof rowColumns)[number] | `stratum ${number}` | `language ${number}`

export interface RowOrder {
  readonly column: RowColumn
  readonly descending: boolean
}

export interface RowFilter {
  /** Part of a label; empty for all features. */
  readonly label: string
  /** This one alone. */
  readonly feature: number | null
  readonly only: readonly FeatureFlag[]
  readonly without: readonly FeatureFlag[]
  /** From and to; shares of the rows. */
  readonly density: readonly [number, number]
  readonly max: readonly [number, number]
  readonly starred: boolean
  readonly labelled: boolean
  /** The name of a list; empty for all features. */
  readonly list: string
}

export const allRows: RowFilter = {
  ...{ label: '', feature: null, only: [], without: ['dead'], starred: false, labelled: false, list: '' },
  density: [0, 1],
  max: [0, Infinity],
}

export function labelOf(note: FeatureNote | undefined): string {
  return note?.labels[0]?.text ?? ''
}

/** The features of the table that pass, in order. */
export function rowsOf(table: FeatureTable, notes: Notes, filter: RowFilter, order: RowOrder): Uint32Array {
  const passing = filtered(table, notes, filter)
  const { values, missing } = keysOf(table, notes, order.column)
  // 32 bits of the value before 20 of the feature, exact in a double: numbers are sorted without a function
  const keys = new Float64Array(passing.length)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (const [at, feature] of passing.entries()) {
    const raw = bits[feature]!
    const rising = raw >>> 31 === 1 ? ~raw >>> 0 : (raw | 0x8000_0000) >>> 0
    const key = missing?.[feature] === 1 ? 0xffff_ffff : order.descending ? 0xffff_fffe - rising : rising
    keys[at] = key * FEATURES + feature
  }
  keys.sort()
  return Uint32Array.from(keys, (key) => key % FEATURES)
}

/** Features there can be. */
const FEATURES = 2 ** 20

function filtered(table: FeatureTable, notes: Notes, filter: RowFilter): Uint32Array {
  const { density, max, flags, features } = table
  const [only, without] = [bitsOf(filter.only), bitsOf(filter.without)]
  const [thinnest, densest] = filter.density
  const [weakest, strongest] = filter.max
  const label = filter.label.trim().toLowerCase()
  const noted = filter.starred || filter.labelled || filter.list !== '' || label !== ''
  const passing = new Uint32Array(features)
  let count = 0
  for (let feature = 0; feature < features; feature++) {
    const has = flags[feature]!
    if (filter.feature !== null && feature !== filter.feature) continue
    if ((has & only) !== only || (has & without) !== 0) continue
    const share = density[feature]!
    if (share < thinnest || share > densest || max[feature]! < weakest || max[feature]! > strongest) continue
    if (noted) {
      const note = notes.get(feature)
      if (!note || (filter.starred && !note.starred) || (filter.labelled && labelOf(note) === '')) continue
      if (filter.list !== '' && !note.lists.includes(filter.list)) continue
      if (label !== '' && !labelOf(note).toLowerCase().includes(label)) continue
    }
    passing[count++] = feature
  }
  return passing.subarray(0, count)
}

/** (F): what is sorted by, and 1 for those that have none and come last whichever way. */
function keysOf(table: FeatureTable, notes: Notes, column: RowColumn): Keys {
  const { features } = table
  switch (column) {
    case 'feature':
      return { values: Float32Array.from({ length: features }, (_, feature) => feature) }
    case 'density':
      return { values: table.density }
    case 'max':
      return { values: table.max }
    case 'mean':
      return { values: table.mean }
    case 'contexts':
      return { values: Float32Array.from(table.contexts) }
    case 'norm':
      return { values: table.decoderNorm }
    case 'flags':
      return {
        values: Float32Array.from(table.flags),
        missing: Uint8Array.from(table.flags, (bits) => (bits === 0 ? 1 : 0)),
      }
    case 'token':
      return tokenKeys(table)
    case 'label':
      return labelKeys(features, notes)
    case 'starred': {
      const values = new Float32Array(features)
      for (const { feature, starred } of notes.values())
        if (feature < features && starred) values[feature] = 1
      return { values }
    }
    default: {
      const [kind, place] = column.split(' ')
      const all = kind === 'stratum' ? table.byStratum : table.byLanguage
      const width = all.length / features
      return {
        values: Float32Array.from(
          { length: features },
          (_, feature) => all[feature * width + Number(place)]!,
        ),
      }
    }
  }
}

interface Keys {
  readonly values: Float32Array
  readonly missing?: Uint8Array
}

/** Sorting the spellings of a table takes longer than all else, and they stay as they are. */
const tokenKeysOf = new WeakMap<FeatureTable, Keys>()

function tokenKeys(table: FeatureTable): Keys {
  const known = tokenKeysOf.get(table)
  if (known) return known
  const { features, spellings, spelling, token } = table
  const ranks = ranksOf(spellings.map((each) => each.trim().toLowerCase()))
  const keys = {
    values: Float32Array.from({ length: features }, (_, feature) => ranks[spelling[feature]!] ?? 0),
    missing: Uint8Array.from(token, (id) => (id < 0 ? 1 : 0)),
  }
  tokenKeysOf.set(table, keys)
  return keys
}

function labelKeys(features: number, notes: Notes) {
  const labelled = [...notes.values()].filter((note) => note.feature < features && labelOf(note) !== '')
  const ranks = ranksOf(labelled.map((note) => labelOf(note).toLowerCase()))
  const values = new Float32Array(features)
  const missing = new Uint8Array(features).fill(1)
  for (const [at, { feature }] of labelled.entries()) {
    values[feature] = ranks[at]!
    missing[feature] = 0
  }
  return { values, missing }
}

/** Of each text its place among all, sorted. */
function ranksOf(texts: readonly string[]): Float32Array {
  const order = Uint32Array.from(texts, (_, at) => at).sort((a, b) =>
    texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : 0,
  )
  const ranks = new Float32Array(texts.length)
  for (const [rank, at] of order.entries()) ranks[at] = rank
  return ranks
}
