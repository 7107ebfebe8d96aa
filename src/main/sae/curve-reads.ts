// What is asked of trainings in a thread of its own: the curves of 10,000 steps take longer than 20 ms.
import { join } from 'node:path'
import { Reader } from '../store/reader.ts'
import { trainingCurves } from './training-curves.ts'

export const curveReads = {
  curves: (saes: string, id: string, points: number | null) => trainingCurves(join(saes, id), points),
}
export type CurveReads = typeof curveReads

/** Reads the SAEs whose folders lie in `saes`. */
export function curveReader(saes: string): Reader<CurveReads> {
  return new Reader(saes, 'sae/curves-worker')
}
