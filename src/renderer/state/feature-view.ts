// How features are looked at: columns, order and filters of the table, the window around a peak, and the text that is tried.
import { create } from 'zustand'
import type { FeatureFlag } from '../../shared/feature-flags.ts'
import { allRows, type RowColumn, type RowFilter, type RowOrder } from './feature-rows.ts'

/** Tokens on either side of the peak; all of the context for 0. */
export type Reach = 5 | 16 | 0

interface FeatureView {
  readonly order: RowOrder
  readonly filter: RowFilter
  /** Of the search by contexts: names, "" for documents without one; all of them when it is empty. */
  readonly strata: readonly string[]
  readonly languages: readonly string[]
  readonly columns: readonly (RowColumn | 'sparks')[]
  readonly reach: Reach
  /** What is tried on one feature, and stays from feature to feature. */
  readonly tried: string
  /** What is read in full, and which features are laid over it. */
  readonly read: string
  readonly pinned: readonly number[]
}

/** It stays from page to page, and begins anew with the window. */
export const useFeatureView = create<FeatureView>(() => ({
  order: { column: 'max', descending: true },
  filter: allRows,
  strata: [],
  languages: [],
  columns: ['label', 'density', 'max', 'flags', 'token', 'sparks'],
  reach: 16,
  tried: '',
  read: '',
  pinned: [],
}))

export function setFilter(changes: Partial<RowFilter>): void {
  useFeatureView.setState(({ filter }) => ({ filter: { ...filter, ...changes } }))
}

/** Whether features with a flag are kept, asked for, or left out. */
export type FlagChoice = 'any' | 'only' | 'without'

export function flagChoice({ only, without }: RowFilter, flag: FeatureFlag): FlagChoice {
  return only.includes(flag) ? 'only' : without.includes(flag) ? 'without' : 'any'
}

export function chooseFlag(flag: FeatureFlag, choice: FlagChoice): void {
  useFeatureView.setState(({ filter }) => {
    const others = (flags: readonly FeatureFlag[]) => flags.filter((each) => each !== flag)
    return {
      filter: {
        ...filter,
        only: [...others(filter.only), ...(choice === 'only' ? [flag] : [])],
        without: [...others(filter.without), ...(choice === 'without' ? [flag] : [])],
      },
    }
  })
}

/** The order a click on the head of a column makes: the other way round, or that column from its more telling end. */
export function orderBy(column: RowColumn): void {
  useFeatureView.setState(({ order }) => ({
    order:
      order.column === column
        ? { column, descending: !order.descending }
        : { column, descending: !['feature', 'label', 'token'].includes(column) },
  }))
}
