// Changes of a value that can be taken back: what belongs to one movement is one step.

export interface Undo<T> {
  /** The oldest first. */
  readonly past: readonly T[]
  readonly now: T
  /** What was taken back, the last first. */
  readonly future: readonly T[]
  /** Of the last change; null where none can be added to it. */
  readonly movement: string | null
}

/** Steps that are kept. */
const MOST = 200

export function undoOf<T>(now: T): Undo<T> {
  return { past: [], now, future: [], movement: null }
}

/** With another value. Changes in a row with the same `movement` are taken back as one. */
export function changedTo<T>(undo: Undo<T>, now: T, movement: string | null = null): Undo<T> {
  const goesOn = movement !== null && movement === undo.movement
  return { past: goesOn ? undo.past : [...undo.past, undo.now].slice(-MOST), now, future: [], movement }
}

/** The same where nothing can be taken back. */
export function undone<T>(undo: Undo<T>): Undo<T> {
  const now = undo.past.at(-1)
  if (now === undefined) return undo
  return { past: undo.past.slice(0, -1), now, future: [undo.now, ...undo.future], movement: null }
}

/** The same where nothing was taken back. */
export function redone<T>(undo: Undo<T>): Undo<T> {
  const [now, ...future] = undo.future
  if (now === undefined) return undo
  return { past: [...undo.past, undo.now], now, future, movement: null }
}
