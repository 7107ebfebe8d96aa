// The workspace folder: where it may be, what is refused, and that nothing in it is lost.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AtomicFile } from '../../../src/main/store/atomic.ts'
import { removeFolder } from '../../../src/main/store/folder.ts'
import { lockWorkspace } from '../../../src/main/store/lock.ts'
import { SecretFile } from '../../../src/main/store/secrets.ts'
import { defaultWorkspace, freeBytes, openWorkspace } from '../../../src/main/store/workspace.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { canMount, makeReadOnly, smallDisk } from '../../helpers/disk.ts'

describe('a workspace', () => {
  it('is made where there is nothing, and opens again', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'workspace')
    const workspace = await openWorkspace(folder)
    expect(readdirSync(folder).sort()).toEqual(['harvests', 'jobs', 'models', 'reports', 'saes'])
    expect((await openWorkspace(folder)).path).toBe(workspace.path)
  })

  it('is never made in a folder with other files, nor where a file is', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'thesis.tex'), '')
    await expect(openWorkspace(folder)).rejects.toMatchObject({
      code: 'workspace/foreign',
      message: expect.stringContaining('thesis.tex') as string,
    })
    await expect(openWorkspace(join(folder, 'thesis.tex'))).rejects.toMatchObject({
      code: 'workspace/not-a-folder',
    })
    expect(readdirSync(folder)).toEqual(['thesis.tex'])
  })

  it.skipIf(!canMount)('on a read-only disk is refused (needs mount)', async () => {
    const disk = await smallDisk('1m')
    await openWorkspace(join(disk, 'old'))
    makeReadOnly(disk)
    for (const folder of [join(disk, 'old'), join(disk, 'deep', 'new')]) {
      await expect(openWorkspace(folder)).rejects.toMatchObject({ code: 'disk/read-only' })
    }
  })

  it('has a sensible place on each system', () => {
    expect(defaultWorkspace({ MONOSCOPE_WORKSPACE: '/w' }, 'linux')).toBe('/w')
    expect(defaultWorkspace({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'monoscope'))
    expect(defaultWorkspace({}, 'darwin')).toContain(join('Library', 'Application Support', 'Monoscope'))
    expect(defaultWorkspace({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'Monoscope'))
  })

  it.skipIf(!canMount)('on a full disk is refused and loses nothing (needs mount)', async () => {
    const disk = await smallDisk('128k')
    const workspace = await openWorkspace(disk)
    await writeFile(join(workspace.reports, 'mine.html'), 'kept')
    await writeFile(join(disk, 'filler'), new Uint8Array(1_000_000)).catch(() => undefined)
    await writeFile(workspace.database, '')
    await expect(openWorkspace(disk)).rejects.toMatchObject({ code: 'disk/full' })
    expect(readFileSync(join(workspace.reports, 'mine.html'), 'utf8')).toBe('kept')
  })

  it('starts afresh when its database was moved away', async () => {
    const workspace = await openWorkspace(await temporaryFolder())
    await lockWorkspace(workspace.path, { kind: 'cli', version: '1' }).then((lock) => lock.release())
    await new SecretFile(workspace.path).set('huggingface', 'hf_x')
    await openWorkspace(workspace.path)
  })

  it('opened by a second host leaves unfinished files of the first alone', async () => {
    const { path } = await openWorkspace(await temporaryFolder())
    const file = await AtomicFile.create(join(path, 'host.json'))
    await openWorkspace(path)
    await file.write('whole')
    await file.commit()
    expect(readFileSync(join(path, 'host.json'), 'utf8')).toBe('whole')
  })

  it('says how much room its disk has', async () => {
    expect(await freeBytes(await openWorkspace(await temporaryFolder()))).toBeGreaterThan(0)
  })
})

describe('a folder', () => {
  it('is removed with all in it, and the bytes it held are counted', async () => {
    const folder = join(await temporaryFolder(), 'job')
    await mkdir(join(folder, 'deep'), { recursive: true })
    await writeFile(join(folder, 'a'), new Uint8Array(1000))
    await writeFile(join(folder, 'deep', 'b'), new Uint8Array(24))
    expect(await removeFolder(folder)).toBe(1024)
    expect(existsSync(folder)).toBe(false)
    expect(await removeFolder(folder)).toBe(0)
  })
})
