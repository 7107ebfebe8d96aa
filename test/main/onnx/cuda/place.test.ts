// Placing files together or not at all, and the folder of a runtime that is not the package's own.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPackage } from '../../../../src/main/onnx/cuda/feed.ts'
import { place, placedIn, stagingIn } from '../../../../src/main/onnx/cuda/place.ts'
import { platformProblem } from '../../../../src/main/onnx/cuda/provider.ts'
import { cudaLibraryFolders, runtimeFor } from '../../../../src/main/onnx/cuda/runtime.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

const record = { onnxruntime: '1.0.0', source: 'a'.repeat(64), libraryFolders: ['/opt/cuda/lib'] }

/** A folder with an earlier "first", and new files "first" and "second" elsewhere. */
async function folders() {
  const root = await temporaryFolder()
  const folder = join(root, 'folder')
  await mkdir(folder)
  await writeFile(join(folder, 'first'), 'earlier')
  const files = []
  for (const name of ['first', 'second']) {
    const path = join(root, name)
    await writeFile(path, `new ${name}`)
    files.push({ name, path })
  }
  return { folder, files }
}

const text = (folder: string, name: string) => readFile(join(folder, name), 'utf8')

describe('placing', () => {
  it('is written down once it is kept, and known until a file changes', async () => {
    const { folder, files } = await folders()
    const placement = await place(files, folder, await stagingIn(folder))
    expect(await placedIn(folder)).toBeNull()
    const kept = await placement.keep(record)
    expect(await placedIn(folder)).toEqual(kept)
    expect(cudaLibraryFolders({ MONOSCOPE_RUNTIME: folder })).toEqual(['/opt/cuda/lib'])
    expect((await readdir(folder)).sort()).toEqual(['cuda-provider.json', 'first', 'second'])
    expect(await text(folder, 'first')).toBe('new first')
    await writeFile(join(folder, 'second'), 'changed')
    expect(await placedIn(folder)).toBeNull()
  })

  it('that is undone leaves what was there', async () => {
    const { folder, files } = await folders()
    const placement = await place(files, folder, await stagingIn(folder))
    expect(await text(folder, 'second')).toBe('new second')
    await placement.undo()
    expect(await readdir(folder)).toEqual(['first'])
    expect(await text(folder, 'first')).toBe('earlier')
  })

  it('that fails at a file restores those before it', async () => {
    const { folder, files } = await folders()
    // a folder in the place of the second: it cannot be replaced by a file
    await mkdir(join(folder, 'second'))
    await expect(place(files, folder, await stagingIn(folder))).rejects.toThrow()
    expect(await text(folder, 'first')).toBe('earlier')
    const gone = [...files.slice(0, 1), { name: 'third', path: join(folder, 'nowhere') }]
    await expect(place(gone, folder, await stagingIn(folder))).rejects.toThrow()
    expect(await text(folder, 'first')).toBe('earlier')
    expect((await readdir(folder)).sort()).toEqual(['first', 'second'])
  })

  it('begins without what a killed set-up left', async () => {
    const { folder } = await folders()
    const left = await stagingIn(folder)
    await writeFile(join(left, 'new', 'half'), 'half')
    const staging = await stagingIn(folder)
    expect((await readdir(folder)).sort()).toEqual([staging.slice(folder.length + 1), 'first'].sort())
  })
})

describe('the runtime', () => {
  it('is the package’s own where that can be written to, else a copy', () => {
    expect(runtimeFor({}).copyOf === null).toBe(runtimeFor({}).folder.includes('node_modules'))
    const { folder, copyOf } = runtimeFor({ MONOSCOPE_RUNTIME: '/elsewhere' })
    expect(folder).toBe('/elsewhere')
    expect(copyOf).toContain('napi-v6')
    expect(cudaLibraryFolders({ MONOSCOPE_RUNTIME: '/elsewhere' })).toEqual([])
  })

  it('has a CUDA provider on Linux x64 only, and the others say what works there', () => {
    expect(platformProblem('linux', 'x64')).toBeNull()
    expect(platformProblem('linux', 'arm64')?.message).toContain('linux arm64')
    expect(platformProblem('win32', 'x64')?.hint).toContain('DirectML')
    expect(platformProblem('darwin', 'arm64')?.hint).toContain('processor')
  })
})

describe('a feed', () => {
  const source = { package: 'Some.Package', version: '1.0.0', feed: 'https://feed/v3/index.json' }
  const base = (url: string) => ({ '@id': url, '@type': 'PackageBaseAddress/3.0.0' })
  const registration = { '@id': 'https://feed/r', '@type': 'RegistrationsBaseUrl' }
  const hash = Buffer.alloc(64, 7)

  /** What `answers` has for an address; the others are refused. */
  const from = (answers: Record<string, unknown>) => (url: string) =>
    url in answers ? Promise.resolve(answers[url]) : Promise.reject(new Error(`404 ${url}`))

  it('names the package with its hash, which some keep in the registration itself', async () => {
    const entry = { packageHash: hash.toString('base64'), packageHashAlgorithm: 'SHA512', packageSize: 9 }
    const index = { resources: [base('https://feed/flat'), registration] }
    const expected = {
      url: 'https://feed/flat/some.package/1.0.0/some.package.1.0.0.nupkg',
      sha512: hash.toString('hex'),
      bytes: 9,
    }
    const leaf = 'https://feed/r/some.package/1.0.0.json'
    const inside = from({ [source.feed]: index, [leaf]: { catalogEntry: entry } })
    expect(await findPackage(source, inside, false)).toEqual(expected)
    const beside = from({
      [source.feed]: index,
      [leaf]: { catalogEntry: 'https://feed/entry' },
      'https://feed/entry': entry,
    })
    expect(await findPackage(source, beside, false)).toEqual(expected)
  })

  it('may publish no hash, or one that is none', async () => {
    const index = { resources: [base('https://feed/flat'), registration] }
    const none = { sha512: null, bytes: null }
    expect(await findPackage(source, from({ [source.feed]: index }), false)).toMatchObject(none)
    const odd = { catalogEntry: { packageHash: 'short', packageHashAlgorithm: 'SHA512' } }
    const answers = { [source.feed]: index, 'https://feed/r/some.package/1.0.0.json': odd }
    expect(await findPackage(source, from(answers), false)).toMatchObject(none)
  })

  it('that is something else, or unprotected, is refused', async () => {
    for (const index of [null, {}, { resources: 'all' }, { resources: [registration, {}] }]) {
      const answer = findPackage(source, from({ [source.feed]: index }), false)
      await expect(answer).rejects.toMatchObject({ code: 'cuda/feed' })
    }
    const open = from({ [source.feed]: { resources: [base('http://mirror/flat')] } })
    await expect(findPackage(source, open, false)).rejects.toMatchObject({ code: 'cuda/insecure-feed' })
    // what comes is known by its digest
    expect(await findPackage(source, open, true)).toMatchObject({ sha512: null })
  })
})
