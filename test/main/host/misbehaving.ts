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

const pulse = () => new Worker(new URL('../../../src/main/compute/pulse-worker.ts', import.meta.url)).unref()
let model = ''

const service = new Service(
  computeContract,
  {
    'job.run': async ({ params }, sink) => {
      sink.snapshot(undefined)
      sink.delta({ type: 'log', level: 'info', text: `attempt of process ${process.pid}` })
      const how = basename(String(params.folder))
      if (how !== 'silent') pulse()
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
    // a model is as it is called: "crash" does so while it generates, "load crash" before; "endless" never stops
    'model.load': async ({ name }) => {
      model = name
      if (model !== 'silent') pulse()
      if (model.startsWith('load ')) await misbehave(model.slice('load '.length))
    },
    'model.generate': async (_rows, sink, { signal }) => {
      sink.snapshot(undefined)
      sink.delta({ type: 'prompt', tokens: [3] })
      const token = (id: number) => ({ id, text: `${process.pid} `, logProbability: -1 })
      sink.delta({ type: 'tokens', row: 0, tokens: [token(0)] })
      for (let id = 1; model === 'endless' && !signal.aborted; id++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        sink.delta({ type: 'tokens', row: 0, tokens: [token(id)] })
      }
      // the token gets out first
      await new Promise((resolve) => setTimeout(resolve, 100))
      if (model !== 'good') await misbehave(model)
      sink.delta({ type: 'end', row: 0, reason: 'eos' })
      sink.delta({ type: 'done', tokensPerSecond: 10 })
      sink.end()
    },
    'model.codes': () => never,
    'model.steer': async ({ place }, sink) => {
      sink.snapshot(undefined)
      const { hook, norm } = place
      const facts = {
        model,
        hook,
        features: 8,
        norm: norm!.mean,
        normFrom: norm!.from,
        reads: 'encoder' as const,
      }
      sink.delta({ type: 'facts', facts })
      const token = { id: 0, text: `${process.pid} `, logProbability: -1, kl: 0 }
      sink.delta({ type: 'tokens', row: 0, tokens: [token] })
      await new Promise((resolve) => setTimeout(resolve, 100))
      await misbehave(model)
    },
    'model.sweep': () => misbehave(model),
    'model.measure': () => misbehave(model),
    'model.analyse': async () => {
      await misbehave(model)
      throw new Error('It is never asked.')
    },
  },
  { app: 'misbehaving' },
)
service.connect(parentPort())
