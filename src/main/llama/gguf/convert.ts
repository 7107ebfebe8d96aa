// Converts a GGUF file into a Hugging Face folder: weights as plain numbers, and the blocks they were stored in beside them.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cancelled, expected } from '../../../shared/errors.ts'
import { removeUnfinished, writeFileAtomic } from '../../store/atomic.ts'
import { explained } from '../../store/io-error.ts'
import { requiredTensors } from '../architecture.ts'
import type { LlamaConfig } from '../config.ts'
import { parseConfig } from '../config-json.ts'
import { type InputFile, withInputFile } from '../input-file.ts'
import { BLOCKS, CONFIG, SINGLE } from '../model-files.ts'
import { type PlannedTensor, SafetensorsWriter } from '../safetensors-writer.ts'
import type { SafetensorsDtype } from '../safetensors.ts'
import { configOf, ggufName, ropeDivisors } from './architecture.ts'
import { dequantise } from './dequantise.ts'
import { type GgufHeader, type GgufTensor, readGgufHeader } from './header.ts'
import { Metadata } from './metadata.ts'
import { tokenizerOf } from './tokenizer.ts'
import { readVocabulary } from './vocabulary.ts'

export interface ConvertOptions {
  /** Bytes of the file's tensors that are converted, of all; never decreases and ends at `total`. */
  onProgress?(done: number, total: number): void
  /** Rejects with the error of cancelled work at the next megabytes. */
  readonly signal?: AbortSignal
}

/** Numbers in memory at once, as float32: 4 MB. */
const CHUNK = 1024 * 1024
/** One number for each pair of a head. */
const MAX_DIVISOR_BYTES = 65_536

const plainDtypes: Readonly<Record<string, SafetensorsDtype | undefined>> = {
  F32: 'F32',
  F16: 'F16',
  BF16: 'BF16',
}

/**
 * Writes config.json, generation_config.json, tokenizer.json, tokenizer_config.json, model.safetensors (blocks
 * dequantised to float32, plain numbers as they are) and, when the file has blocks, blocks.safetensors into `folder`,
 * which nobody else may write to meanwhile: of every quantised matrix the blocks as uint8 [rows, bytes of a row], and
 * their types in the metadata entry "blocks" (JSON, name to type). Files appear whole, config.json last; after a cut or
 * a cancellation it is simply started again. Memory does not grow with the model.
 *
 * Throws `gguf/…`, `config/…`, `checkpoint/…`, `disk/…` or the error of cancelled work.
 */
export async function convertGguf(path: string, folder: string, options: ConvertOptions = {}): Promise<void> {
  const header = await readGgufHeader(path)
  await withInputFile(path, async (file) => {
    // all that can be wrong with the file is found before anything is written
    const configJson = configOf(header, await readDivisors(header, file))
    const metadata = new Metadata(header)
    const vocabulary = readVocabulary(metadata, configJson.vocab_size)
    const { tokenizer, config: tokenizerConfig } = tokenizerOf(metadata, vocabulary)
    const generation = { bos_token_id: vocabulary.bosId, eos_token_id: vocabulary.eosIds }
    const plan = planned(header, parseConfig(configJson, generation, path))

    await explained(folder, () => mkdir(folder, { recursive: true }))
    await removeUnfinished(folder)
    await new Conversion(file, folder, plan, options).run()
    const write = (name: string, json: unknown) =>
      writeFileAtomic(
        join(folder, name),
        `${JSON.stringify(json, null, name === 'tokenizer.json' ? 0 : 2)}\n`,
      )
    await write('tokenizer.json', tokenizer)
    await write('tokenizer_config.json', tokenizerConfig)
    await write('generation_config.json', generation)
    await write(CONFIG, { ...configJson, ...generation })
  })
}

/** One tensor's way from the one file to the other. */
interface Step {
  readonly name: string
  readonly source: GgufTensor
  readonly rows: number
  /** Numbers in a row. */
  readonly width: number
  /** Head width C when rows are in llama.cpp's order of rotary pairs, else null. */
  readonly paired: number | null
}

function planned(header: GgufHeader, config: LlamaConfig): Step[] {
  const steps: Step[] = []
  for (const [name, shape] of requiredTensors(config)) {
    const theirs = ggufName(name)
    const source = header.tensors.get(theirs)
    if (!source) {
      throw expected(
        'checkpoint/missing-tensor',
        `${header.path} has no ${theirs} (${shape.join(' × ')}), which its metadata demands.`,
        'The file is incomplete: fetch it again, or another conversion of the model.',
      )
    }
    if (source.shape.length !== shape.length || source.shape.some((size, axis) => size !== shape[axis])) {
      throw expected(
        'checkpoint/wrong-shape',
        `${theirs} is ${source.shape.join(' × ')}, and the metadata of ${header.path} demands ${shape.join(' × ')}.`,
        'Fetch another conversion of the model.',
      )
    }
    if (source.type.quantised && shape.length === 1) {
      throw new Metadata(header).wrong(
        `${theirs} is one row of ${source.type.name} blocks, and only matrices are read so`,
      )
    }
    const paired = /\.self_attn\.[qk]_proj\./.test(name) ? config.headWidth : null
    const [rows = 1, width = 1] = shape.length === 2 || paired !== null ? shape : [1, ...shape]
    steps.push({ name, source, rows, width, paired })
  }
  return steps
}

/** The weights' part of a conversion: one pass over the file, both outputs at once. */
class Conversion {
  readonly #file: InputFile
  readonly #folder: string
  readonly #steps: readonly Step[]
  readonly #options: ConvertOptions
  readonly #total: number
  /** Used again for every piece: gigabytes of pieces of their own would wait for the garbage collector. */
  readonly #bytes = new Scratch()
  readonly #reordered = new Scratch()
  readonly #numbers = new Scratch()
  #done = 0

  constructor(file: InputFile, folder: string, steps: readonly Step[], options: ConvertOptions) {
    this.#file = file
    this.#folder = folder
    this.#steps = steps
    this.#options = options
    this.#total = steps.reduce((sum, { source }) => sum + source.length, 0)
  }

  async run(): Promise<void> {
    const quantised = this.#steps.filter(({ source }) => source.type.quantised)
    const model = await SafetensorsWriter.create(join(this.#folder, SINGLE), this.#steps.map(modelTensor), {
      format: 'pt',
    })
    let blocks: SafetensorsWriter | null = null
    try {
      const path = join(this.#folder, BLOCKS)
      if (quantised.length > 0) {
        const types = Object.fromEntries(quantised.map(({ name, source }) => [name, source.type.name]))
        blocks = await SafetensorsWriter.create(path, quantised.map(blockTensor), {
          blocks: JSON.stringify(types),
        })
      } else {
        await explained(path, () => rm(path, { force: true }))
      }
      this.#options.onProgress?.(0, this.#total)
      for (const step of this.#steps) await this.#copy(step, model, blocks)
      await blocks?.commit()
      await model.commit()
    } catch (error) {
      await blocks?.abort()
      await model.abort()
      throw error
    }
  }

  async #copy(step: Step, model: SafetensorsWriter, blocks: SafetensorsWriter | null): Promise<void> {
    const { source, rows, width, paired } = step
    const { type } = source
    const rowBytes = (width / type.elements) * type.bytes
    // whole heads at a time where their rows are reordered
    const unit = paired ?? 1
    const rowsAtOnce = Math.max(unit, Math.floor(CHUNK / (width * unit)) * unit)
    for (let row = 0; row < rows; row += rowsAtOnce) {
      if (this.#options.signal?.aborted) throw cancelled()
      const count = Math.min(rowsAtOnce, rows - row)
      let bytes: Uint8Array = this.#bytes.take(count * rowBytes)
      await this.#file.readInto(bytes, source.offset + row * rowBytes)
      if (paired !== null) bytes = unpaired(bytes, this.#reordered.take(bytes.byteLength), rowBytes, paired)
      if (type.quantised) {
        const numbers = this.#numbers.take(count * width * 4)
        dequantise(type, bytes, new Float32Array(numbers.buffer, 0, count * width))
        await model.write(numbers)
        await blocks!.write(bytes)
      } else {
        await model.write(bytes)
      }
      this.#done += bytes.byteLength
      this.#options.onProgress?.(this.#done, this.#total)
    }
  }
}

function modelTensor({ name, source }: Step): PlannedTensor {
  return { name, dtype: plainDtypes[source.type.name] ?? 'F32', shape: source.shape }
}

function blockTensor({ name, source, rows, width }: Step): PlannedTensor {
  return { name, dtype: 'U8', shape: [rows, (width / source.type.elements) * source.type.bytes] }
}

/**
 * Rows of whole heads, written to `out` in Hugging Face's order. Rotary positions turn pairs of numbers: llama.cpp stores the two rows of
 * a pair beside each other, Hugging Face the first halves of all pairs and then the second ones.
 */
function unpaired(bytes: Uint8Array, out: Uint8Array, rowBytes: number, headWidth: number): Uint8Array {
  const half = headWidth / 2
  for (let row = 0; row < bytes.byteLength / rowBytes; row++) {
    const within = row % headWidth
    const from = row - within + (within % half) * 2 + Math.floor(within / half)
    out.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), row * rowBytes)
  }
  return out
}

/** Memory for one piece at a time: what was taken before is overwritten. */
class Scratch {
  #buffer = new ArrayBuffer(0)

  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > this.#buffer.byteLength) this.#buffer = new ArrayBuffer(bytes)
    return new Uint8Array(this.#buffer, 0, bytes)
  }
}

async function readDivisors(header: GgufHeader, file: InputFile): Promise<readonly number[] | null> {
  const tensor = ropeDivisors(header)
  if (!tensor) return null
  if (tensor.type.name !== 'F32' || tensor.shape.length !== 1 || tensor.length > MAX_DIVISOR_BYTES) {
    throw new Metadata(header).wrong('rope_freqs.weight is no short row of F32')
  }
  const bytes = await file.read(tensor.offset, tensor.length)
  return Array.from({ length: tensor.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}
