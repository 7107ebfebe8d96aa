// Brings a model of this machine into the workspace: a Hugging Face folder by copy or link, a GGUF file by conversion.
import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import type { ImportedModel } from '../../../shared/imported.ts'
import type { JobParams } from '../../../shared/jobs/kinds.ts'
import type { ModelFile } from '../../../shared/models.ts'
import { formatBytes } from '../../../shared/units.ts'
import { writeFileAtomic } from '../../store/atomic.ts'
import { copyFile } from '../../store/copy.ts'
import { needSpace } from '../../store/free-space.ts'
import { sha256Of } from '../../store/file-hash.ts'
import { explained } from '../../store/io-error.ts'
import { convertGguf } from '../gguf/convert.ts'
import { type GgufHeader, readGgufHeader } from '../gguf/header.ts'
import { Metadata } from '../gguf/metadata.ts'
import { regularSize } from '../input-file.ts'
import { CONFIG, INDEX, sidecarsOf, SINGLE } from '../model-files.ts'
import { openCheckpoint } from '../open-checkpoint.ts'
import { findWeightFiles } from '../weight-files.ts'
import { manifestOf, type Provenance } from './manifest.ts'
import { place } from './place.ts'
import type { Work } from './work.ts'

type Params = Omit<JobParams<'import'>, 'as'>

/** Throws what `openCheckpoint` does, `import/…` and `disk/…`; nothing is registered then. */
export async function importModel(params: Params, work: Work): Promise<ImportedModel> {
  const path = resolve(params.path)
  const stats = await explained(path, () => stat(path))
  if (stats.isDirectory()) {
    const names = await explained(path, () => readdir(path))
    if (!names.includes(CONFIG)) throw notAModel(`${path} holds no ${CONFIG}.`, names)
    // a pipe or a device among them would be read without end
    for (const name of sidecarsOf(names)) await regularSize(join(path, name))
    return params.link ? linkFolder(path, params, work) : copyModel(path, names, params, work)
  }
  if (!stats.isFile() || !(await isGguf(path))) throw notAModel(`${path} is no GGUF file.`)
  if (params.link) {
    throw expected(
      'import/gguf-link',
      'A GGUF file cannot be left where it is: it is converted into the workspace.',
      'Import it without a link; the file itself is only read.',
    )
  }
  return convertFile(path, params, work)
}

async function linkFolder(path: string, params: Params, work: Work): Promise<ImportedModel> {
  const checkpoint = await openCheckpoint(path)
  const names = [CONFIG, ...(await findWeightFiles(path)).files.keys()]
  const files = await hashed(checkpoint.folder, names, work)
  const manifest = manifestOf(checkpoint, files, {
    name: params.name ?? basename(path),
    origin: { kind: 'folder', path },
    linkedTo: checkpoint.folder,
    licence: await licenceIn(path),
  })
  return place(await emptied(join(work.folder, 'model')), manifest, work)
}

async function copyModel(
  path: string,
  listed: readonly string[],
  params: Params,
  work: Work,
): Promise<ImportedModel> {
  // a folder that is no model is refused before a byte is copied
  await openCheckpoint(path)
  const weights = [...(await findWeightFiles(path)).files.keys()]
  const index = weights.some((name) => name !== SINGLE) && listed.includes(INDEX)
  const names = [...sidecarsOf(listed), ...(index ? [INDEX] : []), ...weights]
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size))
  const total = sizes.reduce((a, b) => a + b, 0)

  const staged = join(work.folder, 'model')
  await continueOnly(staged, JSON.stringify({ path, names, sizes }), work)
  const here = await bytesIn(staged)
  await needSpace(work.folder, Math.max(0, total - here))
  if (here > 0) work.log('info', `Continuing with ${formatBytes(here)} that were copied before.`)

  const digests = new Map<string, string>()
  let before = 0
  for (const [at, name] of names.entries()) {
    const already = before
    const show = (passes: number) => (bytes: number) => {
      // each byte is copied, then checked
      work.progress.working('Copying', 'bytes', Math.min(total, already + (passes + bytes) / 2), total)
      return work.checkpoint()
    }
    const size = sizes[at] ?? 0
    const copied = { onCopied: show(0), onChecked: show(size) }
    digests.set(name, await copyFile(join(path, name), join(staged, name), copied))
    before += size
  }
  const files = [CONFIG, ...weights].map((name): ModelFile => {
    return { name, bytes: sizes[names.indexOf(name)] ?? 0, sha256: digests.get(name) ?? '' }
  })
  const licence = await licenceIn(path)
  const name = params.name ?? basename(path)
  return register(staged, files, { name, licence, origin: { kind: 'folder', path } }, work)
}

async function convertFile(path: string, params: Params, work: Work): Promise<ImportedModel> {
  const { size } = await stat(path)
  const header = await readGgufHeader(path)
  const staged = await emptied(join(work.folder, 'model'))
  await needSpace(work.folder, convertedBytes(header))
  await convertGguf(path, staged, {
    signal: work.signal,
    onProgress: (done, total) => work.progress.working('Converting', 'bytes', done, total),
  })
  await work.checkpoint()
  const names = [CONFIG, ...(await findWeightFiles(staged)).files.keys()]
  const files = await hashed(staged, names, work)
  const name = params.name ?? basename(path).replace(/\.gguf$/i, '')
  const licence = new Metadata(header).text('general.license')
  return register(staged, files, { name, licence, origin: { kind: 'gguf', path, bytes: size } }, work)
}

/** Blocks become float32 and are kept too; plain numbers stay as they are. */
function convertedBytes({ tensors }: GgufHeader): number {
  let bytes = 0
  for (const { type, shape, length } of tensors.values()) {
    bytes += type.quantised ? 4 * shape.reduce((a, b) => a * b, 1) + length : length
  }
  return bytes
}

/** Checks the files that have come together in `staged` as a model once more, and gives them their place. */
async function register(
  staged: string,
  files: readonly ModelFile[],
  provenance: Omit<Provenance, 'linkedTo'>,
  work: Work,
): Promise<ImportedModel> {
  const checkpoint = await openCheckpoint(staged)
  return place(staged, manifestOf(checkpoint, files, { ...provenance, linkedTo: null }), work)
}

async function hashed(folder: string, names: readonly string[], work: Work): Promise<ModelFile[]> {
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  const total = sizes.reduce((a, b) => a + b, 0)
  const files: ModelFile[] = []
  let before = 0
  for (const [at, name] of names.entries()) {
    const already = before
    const bytes = sizes[at] ?? 0
    const sha256 = await sha256Of(join(folder, name), (read) => {
      // a file that grows meanwhile must not run past what was counted
      work.progress.working('Hashing', 'bytes', Math.min(total, already + read), total)
      return work.checkpoint()
    })
    files.push({ name, bytes, sha256 })
    before += bytes
  }
  return files
}

/** Keeps what lies in `staged` only if it was begun from the same `source`. */
async function continueOnly(staged: string, source: string, work: Work): Promise<void> {
  const note = join(work.folder, 'source.json')
  const earlier = await readFile(note, 'utf8').catch(() => null)
  if (earlier === source) {
    await mkdir(staged, { recursive: true })
    return
  }
  if (earlier !== null) work.log('warn', 'The files are others than at the last attempt; it starts anew.')
  await emptied(staged)
  await writeFileAtomic(note, source)
}

async function emptied(folder: string): Promise<string> {
  return explained(folder, async () => {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    return folder
  })
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((a, b) => a + b, 0)
}

async function isGguf(path: string): Promise<boolean> {
  return explained(path, async () => {
    const file = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
      return bytesRead === 4 && buffer.toString('latin1') === 'GGUF'
    } finally {
      await file.close()
    }
  })
}

function notAModel(what: string, names: readonly string[] = []): Error {
  const gguf = names.find((name) => name.toLowerCase().endsWith('.gguf'))
  const hint =
    gguf === undefined
      ? 'Choose the folder of a model (config.json and weights), a .gguf file, or the folder of an SAE.'
      : `Import the file ${gguf} itself.`
  return expected('import/not-a-model', what, hint)
}

/** What the front matter of a model card says: "license: apache-2.0". */
async function licenceIn(folder: string): Promise<string | null> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '')
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? ''
  return /^license(?:_name)?:[ \t]*["']?([\w.-]+)/m.exec(front)?.[1] ?? null
}
