// One host per workspace: who holds it, who may look, and what a killed holder leaves.
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AtomicFile } from '../../../src/main/store/atomic.ts'
import { lockWorkspace, readHolder } from '../../../src/main/store/lock.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { canMount, makeReadOnly, smallDisk } from '../../helpers/disk.ts'

describe('the lock', () => {
  it('names who holds the workspace, and ends with its holder', async () => {
    const folder = await temporaryFolder()
    const lock = await lockWorkspace(folder, { kind: 'serve', version: '1' })
    await lock.announce({ url: 'http://127.0.0.1:1', token: 't' })
    await expect(lockWorkspace(folder, { kind: 'cli', version: '1' })).rejects.toMatchObject({
      code: 'workspace/held',
      message: expect.stringContaining(`serve, process ${process.pid}`) as string,
    })
    expect(await readHolder(folder)).toMatchObject({ kind: 'serve', token: 't' })
    expect(statSync(join(folder, 'host.json')).mode & 0o077).toBe(0)
    await lock.release()
    expect(await readHolder(folder)).toBeNull()
    await (await lockWorkspace(folder, { kind: 'cli', version: '1' })).release()
  })

  it('is free after its holder was killed, whatever note that left', async () => {
    const folder = await temporaryFolder()
    const holder = fileURLToPath(new URL('holder.ts', import.meta.url))
    const child = fork(holder, [folder], { execArgv: ['--expose-gc'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.once('message', resolve))
    expect(await readHolder(folder)).toMatchObject({ pid: child.pid })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await readHolder(folder)).toBeNull()
    await (await lockWorkspace(folder, { kind: 'cli', version: '1' })).release()
  })

  it('is never kept from anybody by those who look, and no dead holder is believed', async () => {
    const folder = await temporaryFolder()
    const dead = spawnSync(process.execPath, ['--version'])
    const note = {
      kind: 'serve',
      hostname: hostname(),
      version: '1',
      startedAt: 1,
      url: 'http://x',
      token: 't',
    }
    const leave = () => writeFileSync(join(folder, 'host.json'), JSON.stringify({ ...note, pid: dead.pid }))
    const onlooker = fork(fileURLToPath(new URL('onlooker.ts', import.meta.url)), [folder])
    onTestFinished(() => void onlooker.kill('SIGKILL'))
    await once(onlooker, 'message')
    const seen: string[] = []
    onlooker.on('message', (kind: string) => seen.push(kind))
    // a look that finds it held waits for the holder's note, so a few may take many rounds
    for (let round = 0; round < 40 || seen.length < 5; round++) {
      leave()
      expect(await readHolder(folder)).toBeNull()
      const lock = await lockWorkspace(folder, { kind: 'cli', version: '1' })
      await lock.release()
    }
    expect(seen).not.toContain('serve')
  })

  it('lets exactly one of several have it that reach for it in the same instant', async () => {
    const names = [1, 2, 3]
    const children = names.map(() => fork(fileURLToPath(new URL('contender.ts', import.meta.url))))
    onTestFinished(() => void children.map((child) => child.kill('SIGKILL')))
    await Promise.all(children.map((child) => once(child, 'message')))
    const pids = children.map((child) => child.pid)
    for (let round = 0; round < 10; round++) {
      const folder = await temporaryFolder()
      const at = Date.now() + 50
      const words = await Promise.all(
        children.map(async (child) => {
          child.send({ folder, at })
          const [word] = (await once(child, 'message')) as [string]
          return word
        }),
      )
      const winner = words.indexOf('held')
      expect(words.filter((word) => word === 'held')).toHaveLength(1)
      for (const word of words.filter((_word, index) => index !== winner)) {
        expect(word).toMatch(`workspace/held: The workspace ${folder} is in use by another Monoscope`)
        expect(word).toContain(`(serve, process ${pids[winner]} on `)
      }
      expect((await readHolder(folder))?.pid).toBe(pids[winner])
    }
  })

  it('removes what its predecessor left half-written', async () => {
    const folder = await temporaryFolder()
    await AtomicFile.create(join(folder, 'secrets.json')).then((file) => file.write('half'))
    const lock = await lockWorkspace(folder, { kind: 'cli', version: '1' })
    expect(readdirSync(folder).sort()).toEqual(['host.json', 'host.lock'])
    await lock.release()
    expect(readdirSync(folder)).toEqual(['host.lock'])
  })

  it('waits for a holder that has it and has not said who it is', async () => {
    const folder = await temporaryFolder()
    const lock = await lockWorkspace(folder, { kind: 'serve', version: '1' })
    const note = readFileSync(join(folder, 'host.json'))
    rmSync(join(folder, 'host.json'))
    const refused = lockWorkspace(folder, { kind: 'cli', version: '1' })
    setTimeout(() => writeFileSync(join(folder, 'host.json'), note), 300)
    await expect(refused).rejects.toMatchObject({
      code: 'workspace/held',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    })
    rmSync(join(folder, 'host.json'))
    const patient = lockWorkspace(folder, { kind: 'cli', version: '1' })
    setTimeout(() => void lock.release(), 300)
    await (await patient).release()
  })

  it.skipIf(!canMount)('says when the disk is read-only (needs mount)', async () => {
    const disk = await smallDisk('64k')
    makeReadOnly(disk)
    await expect(lockWorkspace(disk, { kind: 'cli', version: '1' })).rejects.toMatchObject({
      code: 'disk/read-only',
    })
    expect(await readHolder(disk)).toBeNull()
  })
})
