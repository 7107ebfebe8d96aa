// Atomic files: whole or not at all, on a full disk, on a read-only one, and beside what others left.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AtomicFile, removeUnfinished, writeFileAtomic } from '../../../src/main/store/atomic.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { canMount, makeReadOnly, smallDisk } from '../../helpers/disk.ts'

describe('atomic files', () => {
  it('appear whole, with their permissions, and replace what was there', async () => {
    const path = join(await temporaryFolder(), 'note.json')
    await writeFileAtomic(path, 'one')
    await writeFileAtomic(path, 'two', { mode: 0o600 })
    expect(readFileSync(path, 'utf8')).toBe('two')
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.skipIf(!canMount)('on a full disk leave the old file and nothing else (needs mount)', async () => {
    const disk = await smallDisk('64k')
    const path = join(disk, 'note.bin')
    await writeFileAtomic(path, 'old')
    await expect(writeFileAtomic(path, Buffer.alloc(1_000_000))).rejects.toMatchObject({ code: 'disk/full' })
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(disk)).toEqual(['note.bin'])
  })

  it.skipIf(!canMount)('on a read-only disk leave the old file (needs mount)', async () => {
    const disk = await smallDisk('64k')
    const path = join(disk, 'note.bin')
    await writeFileAtomic(path, 'old')
    makeReadOnly(disk)
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: 'disk/read-only' })
    expect(readFileSync(path, 'utf8')).toBe('old')
  })

  it('cannot be where a folder is missing or in the way', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'report'))
    await expect(writeFileAtomic(join(folder, 'report'), 'x')).rejects.toMatchObject({
      code: 'disk/is-a-folder',
    })
    await expect(writeFileAtomic(join(folder, 'none', 'x'), 'x')).rejects.toMatchObject({
      code: 'disk/missing',
    })
    expect(readdirSync(folder)).toEqual(['report'])
    expect(readdirSync(join(folder, 'report'))).toEqual([])
  })

  it('written piece by piece show nothing before they are committed', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'shard.bin')
    await writeFile(path, 'old')
    const file = await AtomicFile.create(path)
    await file.write(new Uint8Array(1_000_000).fill(1))
    await file.write('tail')
    expect(readFileSync(path, 'utf8')).toBe('old')
    await file.commit()
    expect(statSync(path).size).toBe(1_000_004)
    expect(readFileSync(path).subarray(-4).toString()).toBe('tail')
    expect(readdirSync(folder)).toEqual(['shard.bin'])
  })

  it('given up leave nothing', async () => {
    const folder = await temporaryFolder()
    const file = await AtomicFile.create(join(folder, 'shard.bin'))
    await file.write('half')
    await file.abort()
    await file.abort()
    expect(readdirSync(folder)).toEqual([])
  })

  it.skipIf(!canMount)('that fill the disk piece by piece give the room back (needs mount)', async () => {
    const disk = await smallDisk('256k')
    const file = await AtomicFile.create(join(disk, 'shard.bin'))
    const fill = async () => {
      for (;;) await file.write(new Uint8Array(50_000))
    }
    await expect(fill()).rejects.toMatchObject({ code: 'disk/full' })
    expect(readdirSync(disk)).toEqual([])
    await writeFileAtomic(join(disk, 'fits.bin'), new Uint8Array(200_000))
  })

  it('left unfinished are removed, and no file of anybody else', async () => {
    const folder = await temporaryFolder()
    await AtomicFile.create(join(folder, 'shard.bin')).then((file) => file.write('half'))
    for (const name of ['.mine.tmp', 'a.tmp', '.hidden']) await writeFile(join(folder, name), '')
    expect(readdirSync(folder)).toHaveLength(4)
    await removeUnfinished(folder)
    expect(readdirSync(folder).sort()).toEqual(['.hidden', '.mine.tmp', 'a.tmp'])
  })
})
