// The curves of several trainings at once; those that are under way are asked for again and again.
import { useEffect, useRef, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { SaeEntry, TrainingCurves } from '../../shared/saes.ts'
import { link } from './app.ts'

export interface WatchedRun {
  readonly id: string
  readonly state: SaeEntry['state']
}

/** Points of a curve that are sent. */
const POINTS = 800

/** By id, as they come. A run that trains is asked for when `round` is another, every run when its state is. */
export function useCurves(runs: readonly WatchedRun[], round: number) {
  const [curves, setCurves] = useState<Readonly<Record<string, TrainingCurves>>>({})
  const [error, setError] = useState<ErrorData>()
  const asked = useRef(new Map<string, string>())
  const wanted = runs.map(({ id, state }) => ({
    id,
    stamp: state === 'training' ? `${state} ${round}` : state,
  }))
  const key = JSON.stringify(wanted)
  useEffect(() => {
    for (const { id, stamp } of JSON.parse(key) as typeof wanted) {
      if (asked.current.get(id) === stamp) continue
      asked.current.set(id, stamp)
      link.call('saes.curves', { id, points: POINTS }).then(
        (answer) => {
          // an answer that was overtaken is of an earlier step
          if (asked.current.get(id) === stamp) setCurves((before) => ({ ...before, [id]: answer }))
          setError(undefined)
        },
        (thrown: unknown) => setError(toErrorData(thrown)),
      )
    }
  }, [key])
  return { curves, error }
}
