// The benchmark job: matrix products of growing size on every usable device, in each type it has.
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { formatNumber } from '../../shared/units.ts'
import { measureProducts } from '../onnx/benchmark.ts'
import type { CheckDtype } from '../onnx/check.ts'
import { noDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

const SIZES = [256, 512, 1024, 2048]
const RUNS = 5
/** Seconds of one run from which larger sizes are left out: each takes eight times as long. */
const SLOW = 1

type Measurement = JobResult<'benchmark'>['measurements'][number]

export async function benchmark(
  { device: wanted }: JobParams<'benchmark'>,
  context: JobContext,
): Promise<JobResult<'benchmark'>> {
  const devices = context.devices.filter(({ id }) => wanted === 'all' || id === wanted)
  if (devices.length === 0) throw unusable(wanted)
  const plan = devices.flatMap((device) => typesOf(device).map((dtype) => ({ device, dtype })))
  // cubes: what one run of each size costs
  const perSize = SIZES.map((size) => (RUNS + 1) * (size / 256) ** 3)
  const perPair = perSize.reduce((a, b) => a + b, 0)
  const total = perPair * plan.length
  const measurements: Measurement[] = []
  for (const [turn, { device, dtype }] of plan.entries()) {
    let done = turn * perPair
    const show = () => context.progress.working('Measuring', 'products', done, total)
    show()
    for (const [index, size] of SIZES.entries()) {
      const share = (perSize[index] ?? 0) / (RUNS + 1)
      const { seconds, gflops } = await measureProducts(device, dtype, size, RUNS, async () => {
        done += share
        show()
        await context.checkpoint()
      })
      measurements.push({ device: device.id, name: device.name, dtype, size, seconds, gflops })
      context.log('info', `${device.name}, ${dtype}, ${size} × ${size}: ${formatNumber(gflops)} GFLOP/s`)
      if (seconds > SLOW) break
    }
  }
  context.progress.working('Measuring', 'products', total, total)
  return { measurements }
}

function typesOf({ float16 }: UsableDevice): CheckDtype[] {
  return float16 ? ['float32', 'float16'] : ['float32']
}

function unusable(wanted: string) {
  return wanted === 'all'
    ? noDevice()
    : expected(
        'device/unusable',
        `The device "${wanted}" cannot be used.`,
        'The Device page lists those that can.',
      )
}
