// Libraries found where the loader looks and where it does not, and the packages that bring those that are missing.
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { libraryPlaces, neededLibraries, versionOf } from '../../../../src/main/onnx/cuda/libraries.ts'
import { cudaMajor, installCommands } from '../../../../src/main/onnx/cuda/packages.ts'
import { tinyElf } from '../../../helpers/elf.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

async function put(folder: string, name: string, needed: readonly string[], options = {}) {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), tinyElf(needed, options))
  return join(folder, name)
}

describe('needed libraries', () => {
  it('are looked for as the loader does: LD_LIBRARY_PATH, the library’s own path, the cache', async () => {
    const root = await temporaryFolder()
    const needed = ['libcudart.so.13', 'libcublas.so.13', 'libc.so.6', 'libcurand.so.10']
    const provider = await put(root, 'libprovider.so', needed, { runpath: '$ORIGIN/own' })
    const cublas = await put(join(root, 'own'), 'libcublas.so.13', ['libcublasLt.so.13'])
    const cudart = await put(join(root, 'path'), 'libcudart.so.13.1.7', [])
    await symlink(cudart, join(root, 'path', 'libcudart.so.13'))
    const env = { PATH: process.env.PATH, HOME: root, LD_LIBRARY_PATH: join(root, 'path') }
    const found = await neededLibraries(provider, await libraryPlaces(env), ['libcudnn.so.9'])
    const byName = Object.fromEntries(found.map((library) => [library.name, library]))
    expect(byName['libcudart.so.13']).toMatchObject({ path: join(root, 'path/libcudart.so.13'), loads: true })
    expect(byName['libcublas.so.13']).toMatchObject({ path: cublas, loads: true })
    expect(byName['libc.so.6']).toMatchObject({ loads: true })
    // what a found library needs in turn, and what was asked for besides
    for (const name of ['libcublasLt.so.13', 'libcurand.so.10', 'libcudnn.so.9']) {
      expect(byName[name]).toEqual({ name, path: null, loads: false })
    }
    expect(await versionOf(byName['libcudart.so.13'] ?? never())).toBe('13.1.7')
    expect(await versionOf(byName['libcublas.so.13'] ?? never())).toBe('13')
    expect(await versionOf(byName['libcudnn.so.9'] ?? never())).toBeNull()
  })

  it('that lie with pip or conda are found, and known to need a folder named', async () => {
    const root = await realpath(await temporaryFolder())
    const provider = await put(root, 'libprovider.so', ['libcudart.so.13', 'libcurand.so.10'])
    const pip = await put(
      join(root, 'venv/lib/python3.12/site-packages/nvidia/cu13/lib'),
      'libcudart.so.13',
      [],
    )
    const conda = await put(join(root, 'conda/lib'), 'libcurand.so.10', [])
    const places = await libraryPlaces({
      PATH: process.env.PATH,
      HOME: root,
      VIRTUAL_ENV: join(root, 'venv'),
      CONDA_PREFIX: join(root, 'conda'),
    })
    expect(await neededLibraries(provider, places)).toEqual([
      { name: 'libcudart.so.13', path: pip, loads: false },
      { name: 'libcurand.so.10', path: conda, loads: false },
    ])
  })

  it('end where two need each other, or one is damaged', async () => {
    const root = await temporaryFolder()
    const provider = await put(root, 'liba.so', ['libb.so', 'libbroken.so'], { runpath: '$ORIGIN' })
    await put(root, 'libb.so', ['liba.so'], { runpath: '${ORIGIN}' })
    await writeFile(join(root, 'libbroken.so'), 'no ELF')
    const found = await neededLibraries(provider, await libraryPlaces({ HOME: root }))
    expect(found.map(({ name }) => name)).toEqual(['libb.so', 'libbroken.so', 'liba.so'])
  })
})

describe('packages', () => {
  const missing = (major: number) => [
    `libcublasLt.so.${major}`,
    `libcublas.so.${major}`,
    'libcurand.so.10',
    `libcudart.so.${major}`,
    'libcudnn.so.9',
  ]

  it('are named for CUDA 12 as each manager names them', () => {
    expect(installCommands(missing(12), 12, '12.4')).toEqual({
      apt: 'sudo apt install libcublas-12-4 libcurand-12-4 cuda-cudart-12-4 libcudnn9-cuda-12',
      dnf: 'sudo dnf install libcublas-12-4 libcurand-12-4 cuda-cudart-12-4 libcudnn9-cuda-12',
      conda: 'conda install -c conda-forge cuda-version=12 libcublas libcurand cuda-cudart cudnn=9',
      pip: 'pip install nvidia-cublas-cu12 nvidia-curand-cu12 nvidia-cuda-runtime-cu12 nvidia-cudnn-cu12',
    })
  })

  it('are named for CUDA 13, where pip’s names carry no CUDA version', () => {
    const commands = installCommands(missing(13), 13, '13.1')
    expect(commands?.apt).toContain('libcublas-13-1 libcurand-13-1 cuda-cudart-13-1 libcudnn9-cuda-13')
    expect(commands?.pip).toBe(
      'pip install "nvidia-cublas==13.*" "nvidia-curand==10.*" "nvidia-cuda-runtime==13.*" nvidia-cudnn-cu13',
    )
  })

  it('are of the last minor version of an older CUDA under a newer driver', () => {
    expect(installCommands(['libcudart.so.12'], 12, '13.0')?.apt).toBe('sudo apt install cuda-cudart-12-9')
    expect(installCommands(['libcudart.so.13'], 13, null)?.dnf).toBe('sudo dnf install cuda-cudart-13-0')
  })

  it('do not bring the driver’s own library', () => {
    expect(installCommands(['libcuda.so.1', 'libstrange.so.2'], 13, null)).toBeNull()
  })

  it('follow the CUDA version that the provider asks for', () => {
    expect(cudaMajor(['libc.so.6', 'libcudart.so.12'])).toBe(12)
    expect(cudaMajor(['libcudart.so.13'])).toBe(13)
    expect(cudaMajor(['libc.so.6'])).toBeNull()
  })
})

function never(): never {
  throw new Error('It was not found.')
}
