// The CUDA provider that belongs to the onnxruntime in use: what it is called, where it is published, how it is unpacked.
import { createWriteStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { expected } from '../../../shared/errors.ts'
import type { Problem } from './driver.ts'
import { readSharedLibrary } from './elf.ts'
import { cudaMajor } from './packages.ts'

export const PROVIDER = 'libonnxruntime_providers_cuda.so'
/** The bridge through which libonnxruntime loads any provider. */
export const BRIDGE = 'libonnxruntime_providers_shared.so'
const FILES = [BRIDGE, PROVIDER]

export interface ProviderSource {
  /** "Microsoft.ML.OnnxRuntime.Gpu.Linux". */
  readonly package: string
  /** Of onnxruntime and of the package alike: "1.30.0". */
  readonly version: string
  /** Address of the feed's index. */
  readonly feed: string
}

/** A file of the provider that lies unpacked on disk. */
export interface ProviderFile {
  readonly name: string
  readonly path: string
}

/** Why there is no CUDA provider for a system; null when there is one. */
export function platformProblem(platform: string, arch: string): Problem | null {
  if (platform === 'linux' && arch === 'x64') return null
  const message = `onnxruntime has no CUDA provider for ${platform} ${arch}, only for Linux x64.`
  if (platform === 'win32') {
    return { message, hint: 'DirectML and WebGPU come with it and use the GPU without further set-up.' }
  }
  return { message, hint: 'The processor is used; WebGPU too where this system offers it.' }
}

/** What onnxruntime-node itself says of the package with its CUDA provider. */
export function providerSource(): ProviderSource {
  const require = createRequire(import.meta.url)
  const { version } = require('onnxruntime-node/package.json') as { version: string }
  const { packages, feeds } = require('onnxruntime-node/script/install-metadata.js') as {
    packages: Record<string, { name: string; versions: { feed: string; version: string }[] }>
    feeds: Record<string, { index: string }>
  }
  const found = Object.entries(packages).find(([id]) => id.includes('linux/x64'))?.[1]
  const published = found?.versions.find((candidate) => candidate.version === version)
  const feed = published && feeds[published.feed]
  if (!found || !feed) throw new Error(`onnxruntime-node ${version} names no package with its CUDA provider.`)
  return { package: found.name, version, feed: feed.index }
}

/**
 * The provider's two files out of `path` and into `folder`: from a package (NuGet's, or the Python wheel of the same
 * version), or, when `path` is the provider itself, from the folder it is in. Throws `cuda/package`, `cuda/version`.
 */
export async function unpackProvider(
  path: string,
  version: string,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<ProviderFile[]> {
  if (await isZip(path)) return unpackPackage(path, version, folder, onProgress)
  const files = FILES.map((name) => ({ name, path: name === PROVIDER ? path : join(dirname(path), name) }))
  for (const file of files) {
    const found = await stat(file.path).catch(() => null)
    if (!found?.isFile()) {
      throw notOurs(path, `${file.name} is not there; it has to lie beside the provider`)
    }
  }
  return files
}

/** The CUDA version the provider at `path` was built for; throws `cuda/package` when it is no such provider. */
export async function providerCuda(path: string): Promise<number> {
  const { machine, needed } = await readSharedLibrary(path)
  const major = cudaMajor(needed)
  if (machine !== 'x64' || major === null) throw notOurs(path, 'it is no CUDA library for x64')
  return major
}

async function unpackPackage(
  path: string,
  version: string,
  folder: string,
  onProgress: (done: number, total: number) => void,
): Promise<ProviderFile[]> {
  const zip = await openPromise(path, { autoClose: false }).catch((error: unknown) => {
    throw notOurs(path, 'it cannot be unpacked', error)
  })
  try {
    const wanted = new Map<string, Entry>()
    for await (const entry of zip.eachEntry()) {
      const name = basename(entry.fileName)
      if (FILES.includes(name)) wanted.set(name, entry)
      const other = await versionIn(zip, entry)
      if (other !== null && other !== version) {
        throw expected(
          'cuda/version',
          `${path} is of onnxruntime ${other}; the one in use is ${version}.`,
          `Take the package of version ${version}.`,
        )
      }
    }
    const entries = FILES.map((name) => {
      const entry = wanted.get(name)
      if (!entry) throw notOurs(path, `${name} is not in it`)
      return { name, entry, path: join(folder, name) }
    })
    const total = entries.reduce((sum, { entry }) => sum + entry.uncompressedSize, 0)
    let done = 0
    for (const { entry, path: to } of entries) {
      await unpackEntry(zip, entry, to, (bytes) => onProgress((done += bytes), total))
    }
    return entries.map(({ name, path: to }) => ({ name, path: to }))
  } catch (error) {
    // what the zip library finds wrong with the file has no code; what the disk says has one
    if (error instanceof Error && !('code' in error)) throw notOurs(path, 'it is damaged', error)
    throw error
  } finally {
    zip.close()
  }
}

/** Which version the package says it is, from its manifest; null for all other entries. */
async function versionIn(zip: ZipFile, entry: Entry): Promise<string | null> {
  const wheel = /^[^/]+-([^-/]+)\.dist-info\/METADATA$/.exec(entry.fileName)?.[1]
  if (wheel !== undefined) return wheel
  if (!/^[^/]+\.nuspec$/.test(entry.fileName) || entry.uncompressedSize > 1024 * 1024) return null
  const chunks: Buffer[] = []
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
  return /<version>\s*([^<\s]+)/.exec(Buffer.concat(chunks).toString())?.[1] ?? null
}

async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let crc = 0
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc)
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  await pipeline(
    await zip.openReadStreamPromise(entry),
    check,
    createWriteStream(to, { mode: 0o755, flush: true }),
  )
  if (crc !== entry.crc32) throw new Error(`${entry.fileName} has another checksum than the package says.`)
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw expected(
      'cuda/package',
      `${path} cannot be read.`,
      'Check the path and that you may read it.',
      error,
    )
  })
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.readUInt32BE(0) === 0x504b0304
  } finally {
    await file.close()
  }
}

function notOurs(path: string, why: string, cause?: unknown): Error {
  return expected(
    'cuda/package',
    `${path} is not what holds the CUDA provider: ${why}.`,
    `Give the NuGet package, or ${PROVIDER} with ${BRIDGE} beside it.`,
    cause,
  )
}
