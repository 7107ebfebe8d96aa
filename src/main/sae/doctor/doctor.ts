// The sparsity doctor: names what is wrong with a training run, from its metrics alone, with the knob to turn.
import { findingIds } from '../../../shared/sae-findings.ts'
import type { Landmarks } from '../../store/training-metrics.ts'
import { drifting } from './drift.ts'
import { dense, dying, spentOnMarks } from './features.ts'
import { collapsed, idle, saturated } from './l0.ts'
import { waiting } from './waiting.ts'
import { type Course, type Diagnosis, settled } from './seen.ts'

const diagnoses = [collapsed, saturated, idle, dying, dense, drifting, spentOnMarks, waiting]

/** What is wrong after the last step of the landmarks; nothing is said while schedules still rise, or of an empty run. */
export function diagnose(landmarks: Landmarks, course: Course): Diagnosis[] {
  const last = landmarks.recent.at(-1)
  if (!last || !settled(last.step, course)) return []
  return diagnoses
    .map((made) => made({ ...landmarks, ...course, last }))
    .filter((diagnosis) => diagnosis !== null)
    .sort((a, b) => findingIds.indexOf(a.id) - findingIds.indexOf(b.id))
}
