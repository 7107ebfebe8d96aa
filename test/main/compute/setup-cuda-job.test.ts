// CUDA set up from a loopback feed into a runtime folder of the test's own, on machines made up by fake drivers.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Stopped } from '../../../src/main/compute/job-runner.ts'
import { startDevice } from '../../../src/main/host/device-probe.ts'
import { cudaLibraryFolders } from '../../../src/main/onnx/cuda/runtime.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { builtCompute } from '../../helpers/built.ts'
import { tinyElf } from '../../helpers/elf.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { fakeDrivers } from '../../helpers/nvidia-smi.ts'
import { nupkg, serveFeed } from '../../helpers/nupkg.ts'
import {
  bridge,
  complete,
  CUDA,
  filesIn,
  machine,
  needs12,
  needs13,
  packageWith,
  setUp,
  SHARED,
  version,
} from './cuda-machine.ts'

const package13 = packageWith(needs13)
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const isSupported = process.platform === 'linux' && process.arch === 'x64'

describe.runIf(isSupported)('setting up CUDA', { timeout: 120_000 }, () => {
  it('places the provider, and names every library that is missing with the commands that bring it', async () => {
    const { runtime, cache } = await machine(fakeDrivers.cuda13)
    const { feed, asked } = await serveFeed(package13)
    const { result, shown, log } = await setUp({ feed })
    expect(result).toMatchObject({
      ok: false,
      provider: join(runtime, CUDA),
      cuda: null,
      cudaNeeded: 13,
      onnxruntime: version,
      driver: '580.65.06',
      gpus: ['NVIDIA GeForce RTX 4090'],
      missing: ['libcudnn.so.9', 'libcublasLt.so.13', 'libcudart.so.13'],
      checkedBy: 'SHA-512 of the feed',
      sha256: sha256Of(needs13),
    })
    expect(result.commands?.apt).toBe('sudo apt install libcudnn9-cuda-13 libcublas-13-0 cuda-cudart-13-0')
    expect(result.problem).toContain('libcublasLt.so.13')
    // what it says is missing is what the loader says
    expect(log.join('\n')).toContain(
      'The CUDA provider needs libcublasLt.so.13, which the system does not find.',
    )
    expect(await filesIn(runtime)).toEqual(complete)
    expect(await filesIn(cache)).toEqual([])
    expect(shown.at(-1)).toEqual({ phase: 'finished' })

    // once it is in place it is only tried again
    const before = asked.length
    const again = await setUp({ feed })
    expect(asked).toHaveLength(before)
    expect(again.result).toMatchObject({ provider: join(runtime, CUDA), sha256: sha256Of(needs13) })
    expect(again.result.checkedBy).toBeNull()
  })

  it('finds the libraries that pip installed, and remembers where', async () => {
    const { root, runtime } = await machine(fakeDrivers.two)
    const pip = join(root, '.local/lib/python3.12/site-packages/nvidia/cu13/lib')
    await mkdir(pip, { recursive: true })
    for (const name of ['libcudart.so.13', 'libcudnn.so.9']) await writeFile(join(pip, name), tinyElf([]))
    const { feed } = await serveFeed(packageWith(tinyElf(['libcudart.so.13', 'libnowhere.so.1'])))
    const { result, log } = await setUp({ feed })
    expect(result).toMatchObject({ cuda: '13', cudnn: '9', missing: ['libnowhere.so.1'], commands: null })
    // the loader got past the one that is in pip's folder
    expect(log.join('\n')).toContain('needs libnowhere.so.1, which')
    const record = JSON.parse(await readFile(join(runtime, 'cuda-provider.json'), 'utf8')) as object
    expect(record).toMatchObject({
      onnxruntime: version,
      libraryFolders: [pip],
      files: { [CUDA]: result.sha256 },
    })

    // what is installed afterwards counts, and what was found before is still known where it is on the path by then
    await writeFile(join(pip, 'libnowhere.so.1'), tinyElf([]))
    setEnvironment({ LD_LIBRARY_PATH: pip })
    const again = await setUp({})
    expect(again.result).toMatchObject({ cuda: '13', missing: [] })
    expect(cudaLibraryFolders()).toEqual([pip])
  })

  it.each([
    ['no driver', null, needs13, /No NVIDIA driver/, false],
    ['no GPU', fakeDrivers.noDevices, needs13, /sees no GPU/, false],
    ['a driver that is not running', fakeDrivers.notRunning, needs13, /not running/, false],
    ['an old driver', fakeDrivers.tooOld, needs12, /up to 11.4; this build needs CUDA 12/, true],
    ['a driver for CUDA 12 only', fakeDrivers.cuda12, needs13, /up to 12.4; this build needs CUDA 13/, true],
    [
      'no CUDA 12',
      fakeDrivers.cuda12,
      needs12,
      /Libraries are missing: libcudnn.so.9, libcublas.so.12/,
      true,
    ],
  ])('says that the machine has %s', async (_what, driver, provider, problem, placed) => {
    const { runtime } = await machine(driver)
    const { feed, asked } = await serveFeed(packageWith(provider))
    const { result } = await setUp({ feed })
    expect(result.ok).toBe(false)
    expect(result.problem).toMatch(problem)
    expect(result.hint).toBeTruthy()
    // without a GPU nothing is fetched at all
    expect(asked.length > 0).toBe(placed)
    expect(await filesIn(runtime)).toEqual(placed ? complete : [])
  })

  it('takes away a provider that cannot work although nothing is missing, and puts back the one before', async () => {
    const { root, runtime } = await machine(fakeDrivers.cuda13)
    const { feed } = await serveFeed(package13)
    await setUp({ feed })
    const before = await readFile(join(runtime, CUDA))
    const libraries = join(root, 'lib')
    await mkdir(libraries)
    for (const name of ['libcudart.so.13', 'libcudnn.so.9'])
      await writeFile(join(libraries, name), tinyElf([]))
    setEnvironment({ LD_LIBRARY_PATH: libraries })
    // nothing of it is missing, but it is hollow
    await writeFile(join(root, 'hollow.nupkg'), packageWith(tinyElf(['libcudart.so.13'])))
    const { result } = await setUp({ file: join(root, 'hollow.nupkg') })
    expect(result).toMatchObject({ ok: false, provider: null, missing: [] })
    expect(await readFile(join(runtime, CUDA))).toEqual(before)
    expect(await filesIn(runtime)).toEqual(complete)
  })

  it.each([
    ['another version', packageWith(needs13, '1.2.3'), 'cuda/version'],
    ['no provider in it', nupkg({ [SHARED]: bridge }, version), 'cuda/package'],
    ['a file that is no zip', Buffer.from('<html>sign in</html>'), 'cuda/package'],
    ['half a zip', package13.subarray(0, 200), 'cuda/package'],
    ['an entry with another checksum', packageWith(needs13, version, [CUDA]), 'cuda/package'],
    ['a provider that is no library', packageWith(Buffer.alloc(200, 'text')), 'elf/malformed'],
    ['a provider without CUDA', packageWith(tinyElf([])), 'cuda/package'],
  ])('refuses %s and leaves all as it was', async (_what, content, code) => {
    const { root, runtime } = await machine(fakeDrivers.cuda13)
    await mkdir(runtime, { recursive: true })
    await writeFile(join(runtime, CUDA), 'earlier')
    await writeFile(join(root, 'given'), content)
    await expect(setUp({ file: join(root, 'given') })).rejects.toMatchObject({ kind: 'expected', code })
    expect(await filesIn(runtime)).toEqual([CUDA])
    expect(await readFile(join(runtime, CUDA), 'utf8')).toBe('earlier')
  })

  it('takes the provider itself from disk, held against the SHA-256 given', async () => {
    const { root, runtime } = await machine(fakeDrivers.cuda13)
    const file = join(root, CUDA)
    await writeFile(file, needs13)
    // its bridge is not beside it
    await expect(setUp({ file })).rejects.toMatchObject({ code: 'cuda/package' })
    await writeFile(join(root, SHARED), bridge)
    await expect(setUp({ file, sha256: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'cuda/checksum' })
    expect(await filesIn(runtime)).toEqual([])
    const { result } = await setUp({ file, sha256: sha256Of(needs13).toUpperCase() })
    expect(result).toMatchObject({ checkedBy: 'given SHA-256', sha256: sha256Of(needs13) })
    expect(existsSync(file)).toBe(true)
    await expect(setUp({ file: join(root, 'nowhere') })).rejects.toMatchObject({ code: 'cuda/package' })
  })

  it('refuses what has another hash than was published or given, and says when there is none', async () => {
    const { runtime } = await machine(fakeDrivers.cuda13)
    const lying = await serveFeed(package13, createHash('sha512').update('other').digest('base64'))
    await expect(setUp({ feed: lying.feed })).rejects.toMatchObject({ code: 'download/checksum' })
    const silent = await serveFeed(package13, null)
    await expect(setUp({ feed: silent.feed, sha256: 'b'.repeat(64) })).rejects.toMatchObject({
      code: 'download/checksum',
    })
    expect(await filesIn(runtime)).toEqual([])
    const { result, log } = await setUp({ feed: silent.feed })
    expect(result.checkedBy).toBe('nothing')
    expect(log.join('\n')).toContain('publishes no hash')
  })

  it('continues a download that was cut, and stops when asked to without placing anything', async () => {
    const { runtime, cache } = await machine(fakeDrivers.cuda13)
    const { feed, ranges } = await serveFeed(package13)
    const name = `microsoft.ml.onnxruntime.gpu.linux.${version}.nupkg`
    await mkdir(cache, { recursive: true })
    await writeFile(join(cache, `${name}.part`), package13.subarray(0, 300))
    const url = new URL(`/flat/microsoft.ml.onnxruntime.gpu.linux/${version}/${name}`, feed).href
    await writeFile(join(cache, `${name}.part.json`), JSON.stringify({ url, validator: '"one"' }))
    await expect(setUp({ feed }, 'Checking')).rejects.toBeInstanceOf(Stopped)
    expect(await filesIn(runtime)).toEqual([])
    expect(ranges).toEqual(['bytes=300-'])
  })

  it('leaves the processor working, also in the runtime with the provider', async () => {
    const { runtime } = await machine(fakeDrivers.cuda13)
    const { feed } = await serveFeed(package13)
    await setUp({ feed })
    const launch = builtCompute()
    expect(await startDevice(cpu, { launch })).toBeNull()
    const refusal = await startDevice({ id: 'cuda:0', provider: 'cuda', name: 'A GPU' }, { launch })
    expect(refusal?.reason).toContain('libcublasLt.so.13')
    expect(existsSync(join(runtime, CUDA))).toBe(true)
  })
})
