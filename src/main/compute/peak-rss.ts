// The most memory that this process had resident so far.
import { readFileSync } from 'node:fs'

/**
 * Bytes. What systems count as a process's usage begins with the peak of the process that started it; on Linux its own
 * can be had.
 */
export function peakRss(): number {
  const own = process.platform === 'linux' ? /VmHWM:\s+(\d+) kB/.exec(status()) : null
  return (own ? Number(own[1]) : process.resourceUsage().maxRSS) * 1024
}

/** Empty where there is no `/proc`. */
function status(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}
