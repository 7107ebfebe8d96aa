// Room on a disk that is taken before it is needed, and given back as it is used.
import { execFileSync } from 'node:child_process'
import { stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SpaceReserve } from '../../../src/main/store/reserve.ts'
import { canMount, smallDisk } from '../../helpers/disk.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const MB = 2 ** 20

async function free(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path))
  return bavail * bsize
}

describe.runIf(canMount)('on a disk of its own (needs mount)', () => {
  test('takes room, gives it back in parts, and goes on where a killed process left it', async () => {
    const path = join(await smallDisk('200m'), 'reserve')
    const before = await free(path)
    const reserve = await SpaceReserve.open(path)
    await reserve.hold(40 * MB)
    expect(reserve.held).toBe(40 * MB)
    expect(before - (await free(path))).toBeGreaterThanOrEqual(40 * MB)
    await reserve.hold(10 * MB)
    expect(before - (await free(path))).toBeLessThan(11 * MB)
    // nothing was released: the next one has what is there, and takes it once only
    const next = await SpaceReserve.open(path)
    expect(next.held).toBe(10 * MB)
    await next.hold(40 * MB)
    expect(before - (await free(path))).toBeLessThan(41 * MB)
    await next.release()
    expect(await free(path)).toBe(before)
    await next.release()
  })

  test('refuses more than there is, and what it had stays', async () => {
    const path = join(await smallDisk('200m'), 'reserve')
    const reserve = await SpaceReserve.open(path)
    await reserve.hold(20 * MB)
    await expect(reserve.hold(500 * MB)).rejects.toMatchObject({ code: 'disk/full' })
    expect(reserve.held).toBe(20 * MB)
    // others cannot take what is held
    await reserve.hold(130 * MB)
    const other = join(dirname(path), 'other')
    await expect(writeFile(other, Buffer.alloc(100 * MB))).rejects.toMatchObject({ code: 'ENOSPC' })
  })
})

test('a file with holes holds nothing', async () => {
  const path = join(await temporaryFolder(), 'reserve')
  await writeFile(path, '')
  execFileSync(process.execPath, ['-e', `fs.truncateSync(${JSON.stringify(path)}, 1e9)`])
  expect((await stat(path)).size).toBe(1e9)
  const reserve = await SpaceReserve.open(path)
  if (process.platform !== 'win32') expect(reserve.held).toBeLessThan(MB)
  await reserve.release()
})
