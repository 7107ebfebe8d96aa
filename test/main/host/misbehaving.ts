// A compute process that does what its job's folder says: the ways a real one can go wrong.
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { computeContract } from '../../../src/shared/contract/compute.ts'
import { Service } from '../../../src/shared/wire/service.ts'
import { parentPort } from '../../../src/main/wire/parent-port.ts'

const never = new Promise<never>(() => undefined)

async function misbehave(how: string): Promise<void> {
  if (how === 'crash') process.abort()
  if (how === 'exit') process.exit(3)
  if (how === 'heap') {
    const hoard: unknown[] = []
    for (;;) hoard.push(new Array(1_000).fill(hoard.length))
  }
  if (how === 'block') for (;;);
  await never
}

const service = new Service(
  computeContract,
  {
    'job.run': async ({ params }, sink) => {
      sink.snapshot(undefined)
      sink.delta({ type: 'log', level: 'info', text: `attempt of process ${process.pid}` })
      const how = basename(String(params.folder))
      if (how !== 'silent')
        new Worker(new URL('../../../src/main/compute/pulse-worker.ts', import.meta.url)).unref()
      // the pulse and the log get out first
      await new Promise((resolve) => setTimeout(resolve, 700))
      await misbehave(how)
    },
    // deaf to being asked
    'job.stop': () => undefined,
    'job.deviceStarted': () => undefined,
    'device.probe': async ({ device }, sink) => {
      sink.snapshot(undefined)
      sink.delta({ type: 'checking', title: 'Matrix products' })
      await new Promise((resolve) => setTimeout(resolve, 300))
      await misbehave(device.name)
    },
  },
  { app: 'misbehaving' },
)
service.connect(parentPort())
