// Compute processes that outlived their host: recognised by the job in their command line, and ended.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Ends process `pid` if it still is the compute process of `job`; true when it was. */
export function endOrphan(pid: number, job: string): boolean {
  if (!commandLine(pid).includes(`--job=${job}`)) return false
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}

/** How process `pid` was started; empty when there is none or the system does not tell. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    // on Windows a compute process ends itself when its host's pipe breaks
    if (process.platform === 'win32') return ''
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
  } catch {
    return ''
  }
}
