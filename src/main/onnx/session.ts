// Sessions of onnxruntime: the only place that makes them, and that knows which of its options are safe where.
import './telemetry-off.ts'
import { InferenceSession } from 'onnxruntime-node'
import type { Device } from '../../shared/devices.ts'
import { executionProvider } from './device.ts'
import type { Dtype } from './dtype.ts'
import { encode } from './encode.ts'
import { Graph } from './graph.ts'
import { identity } from './ops/elementwise.ts'
import { assertFits, byteSize, DeviceTensor, fromOrt, release, type Tensor, toOrt } from './tensor.ts'

/**
 * Microseconds for which threads stay awake after a run: what JavaScript does between two runs takes less, and waking
 * them would take longer than what they do in a small model.
 */
const AWAKE = 2_000

export interface SessionOptions<Out extends string, Kept extends string> {
  readonly device: Device
  /** All outputs of the model; every run fetches all of them. */
  readonly outputs: readonly Out[]
  /** Outputs that stay on the device, to be fed to the next run; WebGPU only. */
  readonly keep?: readonly Kept[]
  /** Folder below which the files of external weights lie; by default the model's own. */
  readonly weightsFolder?: string
  /** Keeps bfloat16 weights as they are, cast in every run, instead of holding a float32 copy of them. */
  readonly keepNarrowWeights?: boolean
  /**
   * Threads that wait for each other sleep: for sessions beside which other threads work, which need the cores. Those of
   * other sessions stay awake for a while after a run.
   */
  readonly shared?: boolean
  /** Threads of the CPU that work on one run; by default as many as it has cores. */
  readonly threads?: number
  /** Inputs have ever other shapes: onnxruntime lays no memory out for each that comes, which it would keep. */
  readonly varied?: boolean
  /** Fails where onnxruntime would otherwise silently leave an operation to the CPU. */
  readonly strict?: boolean
  /** Beginning of the path of a file with the time and the provider of every operation, written by `close`. */
  readonly profile?: string
}

type Feeds = Readonly<Record<string, Tensor | DeviceTensor>>
type Fetched<Out extends string, Kept extends string> = Readonly<Record<Kept, DeviceTensor>> &
  Readonly<Record<Exclude<Out, Kept>, Tensor>>

export class Session<Out extends string = string, Kept extends string = never> {
  readonly #session: InferenceSession
  readonly #keep: ReadonlySet<string>
  readonly #profiled: boolean

  private constructor(session: InferenceSession, keep: ReadonlySet<string>, profiled: boolean) {
    this.#session = session
    this.#keep = keep
    this.#profiled = profiled
  }

  /** Loads the bytes of a model, or the file at a path. Rejects with onnxruntime's own words. */
  static async open<const Out extends string, const Kept extends Out = never>(
    model: Uint8Array | string,
    options: SessionOptions<Out, Kept>,
  ): Promise<Session<Out, Kept>> {
    const { device, outputs, keep = [], profile } = options
    if (keep.length > 0 && device.provider !== 'webgpu') {
      throw new Error(`Only WebGPU can keep outputs on the device, and this is ${device.id}.`)
    }
    const settings = ortOptions(options)
    const session =
      typeof model === 'string'
        ? await InferenceSession.create(model, settings)
        : await InferenceSession.create(model, settings)
    const opened = new Session<Out, Kept>(session, new Set(keep), profile !== undefined)
    try {
      opened.#assertOutputs(outputs)
    } catch (error) {
      await opened.close()
      throw error
    }
    return opened
  }

  /**
   * Blocks this thread until it is done, and cannot be stopped. Outputs named in `into` are written there, and must come
   * in that shape.
   */
  async run(feeds: Feeds, into: Readonly<Record<string, Tensor>> = {}): Promise<Fetched<Out, Kept>> {
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, toOrt(value, name)] as const),
    )
    const fetches = Object.fromEntries(
      this.#session.outputNames.map((name) => [name, into[name] ? toOrt(into[name], name) : null] as const),
    )
    const fetched = await this.#session.run(given, fetches)
    return Object.fromEntries(
      Object.entries(fetched).map(([name, value]) => {
        if (this.#keep.has(name)) return [name, new DeviceTensor(value)]
        const written = into[name]
        if (!written) return [name, fromOrt(value)]
        // the binding makes a copy nevertheless
        release(value.data as Float32Array)
        return [name, written]
      }),
    ) as Fetched<Out, Kept>
  }

  /** Gives its memory back; CUDA's own stays taken until the process ends. */
  async close(): Promise<void> {
    if (this.#profiled) this.#session.endProfiling()
    await this.#session.release()
  }

  #assertOutputs(outputs: readonly string[]): void {
    const { outputNames, outputMetadata } = this.#session
    if ([...outputs].sort().join() !== [...outputNames].sort().join()) {
      throw new Error(`The model gives ${outputNames.join(', ')}, and ${outputs.join(', ')} were expected.`)
    }
    for (const output of outputMetadata) {
      if (!output.isTensor || this.#keep.has(output.name)) continue
      // sizes that only a run decides are the caller's to bound
      const known = output.shape.filter((size) => typeof size === 'number')
      assertFits(byteSize(output.type as Dtype, known), `The output "${output.name}"`)
    }
  }
}

/** A tensor on the device, in memory: a session copies it, because nothing else can without ending the process. */
export async function readBack(tensor: DeviceTensor, device: Device): Promise<Tensor> {
  assertFits(byteSize(tensor.dtype, tensor.shape), 'The tensor to read back')
  const key = `${device.id} ${tensor.dtype} ${tensor.shape.length}`
  const reader = readers.get(key) ?? openReader(tensor, device)
  readers.set(key, reader)
  const { copy } = await (await reader).run({ tensor })
  return copy
}

/** Kept for the life of the process: their number is that of the types and ranks that are read. */
const readers = new Map<string, Promise<Session<'copy'>>>()

function openReader({ dtype, shape }: DeviceTensor, device: Device): Promise<Session<'copy'>> {
  const graph = new Graph('read-back')
  const input = graph.input(
    'tensor',
    dtype,
    shape.map((_, axis) => `D${axis}`),
  )
  graph.output('copy', identity(input))
  return Session.open(encode(graph), { device, outputs: ['copy'] })
}

function ortOptions(options: SessionOptions<string, string>): InferenceSession.SessionOptions {
  const {
    device,
    outputs,
    keep = [],
    weightsFolder,
    keepNarrowWeights,
    shared,
    threads,
    varied,
    strict,
    profile,
  } = options
  const extra = {
    session: {
      ...(weightsFolder !== undefined && { model_external_initializers_file_folder_path: weightsFolder }),
      ...(strict && { disable_cpu_ep_fallback: '1' }),
      intra_op: shared ? { allow_spinning: '0' } : { spin_duration_us: String(AWAKE) },
    },
    ...(keepNarrowWeights && { optimization: { disable_specified_optimizers: 'ConstantFolding' } }),
  }
  return {
    executionProviders: [executionProvider(device)],
    // errors and worse: what falls back to the CPU is told by the probe, in words
    logSeverityLevel: 3,
    extra,
    ...(keep.length > 0 && {
      preferredOutputLocation: Object.fromEntries(
        outputs.map((name) => [name, keep.includes(name) ? 'gpu-buffer' : 'cpu'] as const),
      ),
    }),
    ...(varied && { enableMemPattern: false }),
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    // an arena allocates in pieces that Electron's allocator ends the process for
    ...('electron' in process.versions && { enableCpuMemArena: false, enableMemPattern: false }),
  }
}
