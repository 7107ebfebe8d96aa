// A checkup of a training run: the doctor looks at its metrics, and what it finds is kept with them.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkup, Finding, FindingId } from '../../../shared/sae-findings.ts'
import { openForReading } from '../../store/database.ts'
import { readCheckup, type TrainingMetrics } from '../../store/training-metrics.ts'
import { METRICS } from '../sae-folder.ts'
import { diagnose } from './doctor.ts'
import type { Course } from './seen.ts'

export interface CheckupNews {
  readonly step: number
  /** All that is wrong now. */
  readonly findings: readonly Finding[]
  /** Of these, what was not so at the checkup before. */
  readonly appeared: readonly Finding[]
  /** What was wrong then, and is no longer. */
  readonly gone: readonly FindingId[]
}

/** Looks at the run after `step`, and keeps what was found. Throws `disk/…`. */
export function checkUp(metrics: TrainingMetrics, course: Course, step: number): CheckupNews {
  const landmarks = metrics.landmarks()
  const before = landmarks.before?.findings ?? []
  const findings = diagnose(landmarks, course).map((diagnosis) => ({
    ...diagnosis,
    since: before.find(({ id }) => id === diagnosis.id)?.since ?? step,
  }))
  metrics.checkup({ step, findings })
  const had = (list: readonly Finding[], wanted: FindingId) => list.some(({ id }) => id === wanted)
  return {
    ...{ step, findings },
    appeared: findings.filter(({ id }) => !had(before, id)),
    gone: before.filter(({ id }) => !had(findings, id)).map(({ id }) => id),
  }
}

/** What the last checkup of the SAE in `folder` found. Throws `disk/…`. */
export async function lastCheckup(folder: string): Promise<Checkup> {
  const path = join(folder, METRICS)
  if (!(await stat(path).catch(() => null))) return { step: null, findings: [] }
  const db = openForReading(path)
  try {
    const found = readCheckup(db)
    return { step: found?.step ?? null, findings: [...(found?.findings ?? [])] }
  } finally {
    db.close()
  }
}
