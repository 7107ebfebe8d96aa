// The compute contract over the job runners, the probe and the model: one of them in each process.
import type { ComputeContract, JobEvent } from '../../shared/contract/compute.ts'
import type { Handlers, Sink } from '../../shared/contract/define.ts'
import { expected, toErrorData } from '../../shared/errors.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HubAccess } from '../../shared/hub.ts'
import { type JobKindId, jobKinds, type JobParams, kindOf } from '../../shared/jobs/kinds.ts'
import { examine, provePlacement } from '../onnx/probe.ts'
import { workspaceAt } from '../store/workspace.ts'
import { ProgressMeter } from './meter.ts'
import { createModelHandlers } from './model-handlers.ts'
import { type JobContext, Stopped, type StopState } from './job-runner.ts'
import { jobRunners } from './job-runners.ts'

interface JobOrder {
  readonly kind: JobKindId
  readonly params: Record<string, unknown>
  readonly folder: string
  readonly workspace: string
  readonly hub: HubAccess | null
  readonly devices: readonly UsableDevice[]
}

export function createHandlers(): Handlers<ComputeContract> {
  let stop: StopState | undefined
  let busy = false
  let deviceStarted: ((reason: string | null) => void) | undefined

  async function run(order: JobOrder, sink: Sink<undefined, JobEvent>): Promise<void> {
    const kind = kindOf(order.kind)
    const params = kind.params.parse(order.params)
    const progress = new ProgressMeter(kind.steps(params), (current) =>
      sink.delta({ type: 'progress', progress: current }),
    )
    const context: JobContext = {
      folder: order.folder,
      workspace: workspaceAt(order.workspace),
      hub: order.hub,
      devices: order.devices,
      progress,
      checkpoint: async () => {
        // a turn of the event loop, so that a stop that has arrived is seen
        await new Promise((resolve) => setImmediate(resolve))
        if (stop) throw new Stopped(stop)
      },
      get stopping() {
        return stop !== undefined
      },
      log: (level, text) => sink.delta({ type: 'log', level, text }),
      artifact: (artifact) => sink.delta({ type: 'artifact', artifact }),
      show: (detail) => sink.delta({ type: 'detail', detail }),
      startDevice: (device, libraryFolders) =>
        new Promise((resolve) => {
          deviceStarted = resolve
          sink.delta({ type: 'start-device', device, libraryFolders: [...libraryFolders] })
        }),
    }
    const result = await resultOf(order.kind, params, context)
    progress.finished()
    sink.delta({ type: 'outcome', outcome: { state: 'done', result } })
  }

  return {
    ...createModelHandlers(),
    'job.run': async (order, sink) => {
      if (busy) throw expected('job/busy', 'This process already runs a job.')
      busy = true
      sink.snapshot(undefined)
      try {
        await run(order, sink)
      } catch (error) {
        const outcome =
          error instanceof Stopped
            ? { state: error.as }
            : { state: 'failed' as const, error: toErrorData(error) }
        sink.delta({ type: 'outcome', outcome })
      }
      sink.end()
    },
    'job.stop': ({ as }) => {
      stop = as
    },
    'job.deviceStarted': ({ reason }) => deviceStarted?.(reason),
    'device.probe': async ({ device, numbers }, sink) => {
      sink.snapshot(undefined)
      try {
        sink.delta({ type: 'checking', title: 'Starting the device' })
        await provePlacement(device)
        const onCheck = (title: string) => sink.delta({ type: 'checking', title })
        if (numbers) sink.delta({ type: 'numerics', numerics: await examine(device, onCheck) })
        else sink.delta({ type: 'started' })
      } catch (error) {
        sink.delta({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
      }
      sink.end()
    },
  }
}

/** Runs the kind's runner on `params`, which its schema has parsed. */
async function resultOf<K extends JobKindId>(id: K, params: unknown, context: JobContext): Promise<unknown> {
  return jobKinds[id].result.parse(await jobRunners[id](params as JobParams<K>, context))
}
