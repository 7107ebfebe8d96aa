// Lines of a log from two places, the loaded older ones and the stream's, as one piece.
import type { LogLine } from '../../../shared/jobs/job.ts'

/**
 * `older` before `recent`, each line once. After an interruption the stream begins anew and may begin later than what
 * was loaded ends: then only `recent` is left, because a hole that cannot be seen is worse than loading it again.
 */
export function joinLines(older: readonly LogLine[], recent: readonly LogLine[]): readonly LogLine[] {
  const [first] = recent
  if (!first) return recent
  const before = older.filter((line) => line.seq < first.seq)
  return before.at(-1)?.seq === first.seq - 1 ? [...before, ...recent] : recent
}
