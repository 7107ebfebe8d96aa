// Entry of the compute processes: serves the compute contract to the host that started this process.
import { once } from 'node:events'
import process from 'node:process'
import { Worker } from 'node:worker_threads'
import { computeContract } from '../../shared/contract/compute.ts'
import { Service } from '../../shared/wire/service.ts'
import { useRuntime } from '../onnx/cuda/runtime.ts'
import { entryUrl } from '../store/entry.ts'
import { parentPort } from '../wire/parent-port.ts'

// a terminal sends Ctrl-C to this process, too; what becomes of the work is for the host to say
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

// the pulse comes from a thread of its own, so that it beats while a long run blocks this one
const pulse = new Worker(entryUrl('compute/pulse-worker', import.meta.url))
// even the shortest job has shown one
await once(pulse, 'message')
pulse.unref()

// before anything loads onnxruntime, so that it is the copy with the CUDA provider where there is one
useRuntime()
const { createHandlers } = await import('./handlers.ts')

const service = new Service(computeContract, createHandlers(), { app: 'Monoscope compute process' })
service.connect(parentPort())
// without its host a compute process has nobody to work for
process.on('disconnect', () => process.exit(0))
