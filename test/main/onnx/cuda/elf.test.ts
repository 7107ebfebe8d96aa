// The ELF reader on libraries made here, on a real one, and on damaged ones.
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSharedLibrary } from '../../../../src/main/onnx/cuda/elf.ts'
import { MonoscopeError } from '../../../../src/shared/errors.ts'
import { tinyElf } from '../../../helpers/elf.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

async function library(bytes: Buffer) {
  const path = join(await temporaryFolder(), 'lib.so')
  await writeFile(path, bytes)
  return path
}

describe('a shared library', () => {
  it('is read: what it needs, its name, its search path', async () => {
    const bytes = tinyElf(['libcudart.so.12', 'libcudnn.so.9'], {
      soname: 'libx.so.1',
      runpath: '$ORIGIN:/opt/lib',
    })
    expect(await readSharedLibrary(await library(bytes))).toEqual({
      machine: 'x64',
      soname: 'libx.so.1',
      needed: ['libcudart.so.12', 'libcudnn.so.9'],
      runpath: ['$ORIGIN', '/opt/lib'],
    })
  })

  it('of the runtime is read as readelf reads it', async ({ skip }) => {
    const package_ = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    const path = join(dirname(package_), 'bin/napi-v6/linux/x64/libonnxruntime.so.1')
    const { needed, soname, runpath } = await readSharedLibrary(path)
    expect(soname).toBe('libonnxruntime.so.1')
    expect(runpath).toEqual(['$ORIGIN'])
    const readelf = spawnSync('readelf', ['-d', path], { encoding: 'utf8' })
    if (readelf.error) return skip('readelf is not installed')
    expect(needed).toEqual([...readelf.stdout.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name))
    expect(needed).toContain('libc.so.6')
  })

  it('that is damaged is an error a person understands, never a crash or an endless loop', async () => {
    const whole = tinyElf(['libcudart.so.12'], { soname: 'libx.so.1' })
    const damaged = [
      Buffer.alloc(0),
      Buffer.from('<html>not found</html>'.padEnd(200)),
      ...[10, 63, 64, 100, 0x1000, whole.length - 2].map((length) => whole.subarray(0, length)),
    ]
    for (const bytes of damaged) {
      await expect(readSharedLibrary(await library(bytes))).rejects.toMatchObject({ code: 'elf/malformed' })
    }
  })

  it('with any byte changed still ends quickly', async () => {
    const whole = tinyElf(['libcudart.so.12', 'libcublas.so.12'], { soname: 'libx.so.1' })
    const places = [...Array(176).keys(), ...Array.from({ length: 128 }, (_, index) => 0x1000 + index)]
    const path = await library(whole)
    for (const place of places) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const bytes = Buffer.from(whole)
        bytes[place] = value
        await writeFile(path, bytes)
        await readSharedLibrary(path).catch((error: unknown) => {
          if (!(error instanceof MonoscopeError)) throw error
        })
      }
    }
  })
})
