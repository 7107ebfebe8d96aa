// Why a compute process ended without saying so: out of memory, killed, or crashed, with the evidence.
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { Sample } from '../../shared/jobs/job.ts'
import { formatBytes } from '../../shared/units.ts'
import type { ProcessExit } from './launcher.ts'

export interface Evidence {
  readonly exit: ProcessExit
  /** The last lines of its standard error. */
  readonly errorLines: readonly string[]
  /** The end of its time series, oldest first. */
  readonly samples: readonly Sample[]
  /** Processes the kernel ended for want of memory while it ran; null where nothing counts them. */
  readonly memoryDeaths: number | null
}

const LESS = 'Lower the batch size or the number of workers, or close other programs; then resume it.'
const HEAP_EXHAUSTED = /JavaScript heap out of memory|Reached heap limit/
const ALLOCATION_FAILED =
  /std::bad_alloc|[Ff]ailed to allocate memory|Cannot allocate memory|Array buffer allocation failed/
const VRAM_EXHAUSTED =
  /CUDA(_ERROR_|\s+)OUT_OF_MEMORY|CUDA out of memory|CUBLAS_STATUS_ALLOC_FAILED|out of memory.*cuda/i
/** Share of all memory in use from which a SIGKILL that nobody owns up to is put down to memory. */
const NEARLY_ALL = 0.95

/** `job/out-of-memory`, `job/killed` or `job/crashed`; only a crash is worth an automatic restart. */
export function explainDeath(evidence: Evidence): ErrorData {
  const { exit, errorLines, samples } = evidence
  const said = errorLines.join('\n')
  const last = samples.at(-1)
  const used = usage(last)
  const memory = (message: string, hint = LESS) =>
    toErrorData(expected('job/out-of-memory', message, hint, said || undefined))

  if (VRAM_EXHAUSTED.test(said) || nearlyFull(last?.machineVramUsed, last?.machineVramTotal)) {
    return memory(`The job's process ran out of GPU memory${vramUsage(last)}.`)
  }
  if (HEAP_EXHAUSTED.test(said)) return memory(`The job's process ran out of JavaScript heap memory${used}.`)
  if (ALLOCATION_FAILED.test(said))
    return memory(`The job's process could not get the memory it asked for${used}.`)
  if (exit.signal === 'SIGKILL') {
    if (evidence.memoryDeaths) {
      return memory(`The system ended the job's process because memory ran out${used}.`)
    }
    if (nearlyFull(last?.machineMemoryUsed, last?.machineMemoryTotal)) {
      return memory(`The job's process was ended (SIGKILL), most likely because memory ran out${used}.`)
    }
  }
  if (exit.signal === 'SIGKILL' || exit.signal === 'SIGTERM' || exit.signal === 'SIGINT') {
    return toErrorData(
      expected(
        'job/killed',
        `The job's process was ended from outside (${exit.signal})${used}.`,
        'Resume continues it from its last complete piece of work.',
      ),
    )
  }
  const how = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code ?? 'unknown'}`
  return toErrorData(
    expected(
      'job/crashed',
      `The job's process crashed (${how}).`,
      'Its log has the details. Resume continues it from its last complete piece of work.',
      said || undefined,
    ),
  )
}

function nearlyFull(used: number | null | undefined, total: number | null | undefined): boolean {
  return used != null && total != null && total > 0 && used / total >= NEARLY_ALL
}

function usage(last: Sample | undefined): string {
  if (last?.rss == null) return ''
  const own = `: it used ${formatBytes(last.rss)}`
  if (last.machineMemoryUsed === null || last.machineMemoryTotal === null) return own
  return `${own}, the machine ${formatBytes(last.machineMemoryUsed)} of ${formatBytes(last.machineMemoryTotal)}`
}

function vramUsage(last: Sample | undefined): string {
  if (last?.machineVramUsed == null || last.machineVramTotal == null) return ''
  return `: ${formatBytes(last.machineVramUsed)} of ${formatBytes(last.machineVramTotal)} were in use`
}
