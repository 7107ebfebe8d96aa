// How often the kernel has ended processes for want of memory, from the counters Linux keeps; null elsewhere.
import { readFileSync } from 'node:fs'

/** Each file has a line `oom_kill N`: the whole machine's, and this control group's (version 2, then version 1). */
const COUNTERS = [
  '/proc/vmstat',
  '/sys/fs/cgroup/memory.events',
  '/sys/fs/cgroup/memory/memory.oom_control',
] as const

/** The sum of the counters that exist; it only matters whether it grows. */
export function countMemoryDeaths(files: readonly string[] = COUNTERS): number | null {
  let sum: number | null = null
  for (const file of files) {
    try {
      const count = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
      if (count !== undefined) sum = (sum ?? 0) + Number(count)
    } catch {
      // this kernel has no such file
    }
  }
  return sum
}

/** Counts from now on: how many there were since, or null where nothing counts them. */
export function watchMemoryDeaths(): () => number | null {
  const before = countMemoryDeaths()
  return () => {
    const now = countMemoryDeaths()
    return now === null || before === null ? null : now - before
  }
}
