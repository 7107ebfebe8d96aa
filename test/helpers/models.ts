// Small models to import and download, and what a job hands to the code that does it.
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Work } from '../../src/main/llama/library/work.ts'
import type { Model } from '../../src/shared/models.ts'
import { temporaryFolder } from './temporary.ts'

const golden = (name: string) => fileURLToPath(new URL(`../golden/${name}`, import.meta.url))

/** A Hugging Face folder of 205,376 parameters, 410,752 bytes in bfloat16. */
export const tinyLlama = golden('tiny-llama')
/** The same in Q8_0 blocks. */
export const tinyGguf = golden('tiny-llama-q8.gguf')

/** config.json and model.safetensors of the tiny model by name. */
export async function tinyFiles(): Promise<Record<string, Buffer>> {
  const names = ['config.json', 'generation_config.json', 'model.safetensors']
  const read = names.map(async (name) => [name, await readFile(join(tinyLlama, name))] as const)
  return Object.fromEntries(await Promise.all(read))
}

/** The tiny model with its tensors dealt out to two files, and the index that says which. */
export async function shardedFiles(): Promise<Record<string, Buffer>> {
  const { 'config.json': config, 'model.safetensors': weights } = await tinyFiles()
  if (!config || !weights) throw new Error('The golden model is not whole.')
  const length = Number(weights.readBigUInt64LE(0))
  const header = JSON.parse(weights.toString('utf8', 8, 8 + length)) as Record<string, Tensor>
  const names = Object.keys(header).filter((name) => name !== '__metadata__')
  const shards = [0, 1].map((shard) => names.filter((_name, at) => at % 2 === shard))
  const nameOf = (shard: number) => `model-0000${shard + 1}-of-00002.safetensors`
  const weight_map = Object.fromEntries(shards.flatMap((part, at) => part.map((name) => [name, nameOf(at)])))
  return {
    'config.json': config,
    'model.safetensors.index.json': Buffer.from(JSON.stringify({ metadata: {}, weight_map })),
    ...Object.fromEntries(shards.map((part, at) => [nameOf(at), joined(part, header, weights, 8 + length)])),
  }
}

interface Tensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

function joined(names: readonly string[], header: Record<string, Tensor>, from: Buffer, at: number): Buffer {
  const data: Buffer[] = []
  const entries: Record<string, Tensor> = {}
  let offset = 0
  for (const name of names) {
    const tensor = header[name]
    if (!tensor) continue
    const [start, end] = tensor.data_offsets
    data.push(from.subarray(at + start, at + end))
    entries[name] = { ...tensor, data_offsets: [offset, offset + end - start] }
    offset += end - start
  }
  const json = Buffer.from(JSON.stringify(entries))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, ...data])
}

export async function writeFiles(folder: string, files: Readonly<Record<string, Buffer | string>>) {
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

export const sha256Hex = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A model as the registry keeps it. */
export function modelNamed(id: string): Model {
  return {
    ...{ id, name: `Model ${id}`, importedAt: 1, state: 'ready', problem: null, ownBytes: 5 },
    ...{ checkpoint: `/models/${id}`, linkedTo: null, licence: null, hash: 'h', parameters: 9, bytes: 18 },
    origin: { kind: 'folder', path: '/models' },
    files: [{ name: 'config.json', bytes: 3, sha256: 's' }],
    dtypes: ['bfloat16'],
    architecture: {
      ...{ family: 'llama', width: 4, layers: 1, heads: 2, keyHeads: 1, headWidth: 2, mlpWidth: 8 },
      ...{ vocabulary: 5, positions: 16, rope: { kind: 'default', theta: 10_000 } },
      ...{ attentionBias: false, mlpBias: false, tiedHead: true },
    },
  }
}

export interface TestWork extends Work {
  readonly lines: string[]
  /** "Copying 12/34", as progress came. */
  readonly shown: string[]
  /** Makes the next checkpoint throw, as pausing does, once progress shows at least this share. */
  stopAt: number
}

/** A job on a workspace of its own; `again` on the same one. */
export async function testWork(again?: Pick<Work, 'folder' | 'models'>): Promise<TestWork> {
  const root = again ? '' : await temporaryFolder()
  const { folder, models } = again ?? { folder: join(root, 'jobs', 'one'), models: join(root, 'models') }
  for (const path of [folder, models]) await mkdir(path, { recursive: true })
  let share = 0
  const work: TestWork = {
    ...{ folder, models, lines: [], shown: [], stopAt: 2 },
    signal: new AbortController().signal,
    progress: {
      measuring: () => undefined,
      working: (step, _unit, done, total) => {
        share = done / total
        work.shown.push(`${step} ${done}/${total}`)
      },
    },
    checkpoint: () => (share >= work.stopAt ? Promise.reject(new Error('stopped')) : Promise.resolve()),
    log: (_level, text) => void work.lines.push(text),
  }
  return work
}
