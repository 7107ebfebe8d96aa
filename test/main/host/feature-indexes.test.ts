// Indexes of features through the contract: refused where SAE and harvest do not belong together, readable without their harvest, rebuilt and removed.
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { workFolder } from '../../../src/main/features/index-folder.ts'
import { lockFile } from '../../../src/main/store/lock.ts'
import { CLI } from '../../helpers/built.ts'
import { at, indexedWorkspace, run } from './indexed-workspace.ts'

const { firstHarvest, place } = indexedWorkspace()

async function workFolderOf(sae: string): Promise<string> {
  const folder = workFolder(sae, 'small')
  await mkdir(folder, { recursive: true })
  return folder
}

/** The JSON of a command that is given in the workspace's folder. */
async function printed(sae: string, command: readonly string[]) {
  const workspace = dirname(dirname(sae))
  const args = [CLI, '--workspace', workspace, '--json', ...command]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: workspace })
  return JSON.parse(stdout) as { readonly id: string; readonly freedBytes: number }
}

describe('the indexes of a host', { timeout: 120_000 }, () => {
  it('are refused where SAE and harvest do not belong together, and stay readable without their harvest', async () => {
    const { client, harvest, sae } = await place()
    const index = (params: Record<string, unknown>) => run(client, 'index', params)
    const config = JSON.parse(await readFile(join(sae, 'cfg.json'), 'utf8')) as {
      metadata: Record<string, string>
    }
    const wrong = async (name: string, metadata: Record<string, string>) => {
      const folder = sae.replace(/chance$/, name)
      await cp(sae, folder, { recursive: true })
      const changed = { ...config, metadata: { ...config.metadata, ...metadata } }
      await writeFile(join(folder, 'cfg.json'), JSON.stringify(changed))
      return index({ sae: name, harvest: 'small' })
    }
    expect(await index(at)).toMatchObject({ error: { code: 'features/no-harvest' } })
    const hook = await wrong('hook', { hook_name: 'blocks.0.hook_mlp_out' })
    expect(hook.error).toMatchObject({ code: 'sae/other-hook' })
    expect(hook.error!.message).toMatch(/blocks\.0\.hook_mlp_out.*blocks\.1\.hook_resid_post/)
    const model = await wrong('model', { model_name: 'someone/else' })
    expect(model.error).toMatchObject({ code: 'sae/other-model' })
    expect(model.error!.message).toMatch(/someone\/else.*demo/)

    const before = await client.call('features.feature', { ...at, feature: 3 })
    await rename(harvest, `${harvest}-elsewhere`)
    // and from where it was when it was indexed
    await rename(firstHarvest(), `${firstHarvest()}-elsewhere`)
    expect((await client.call('features.indexes', at))[0]).toMatchObject({
      ...{ state: 'ready', missing: [{ what: 'harvest' }] },
    })
    expect(await client.call('features.feature', { ...at, feature: 3 })).toEqual(before)
    await expect(client.call('features.search', { ...at, text: 'heart' })).rejects.toMatchObject({
      code: 'harvest/gone',
    })
    await rename(`${firstHarvest()}-elsewhere`, firstHarvest())
    await rename(`${harvest}-elsewhere`, harvest)
    expect((await client.call('features.search', { ...at, text: 'heart' })).features.length).toBeGreaterThan(
      0,
    )
  })

  it('are left alone by a second job, and say what is wrong with them until they are built again or removed', async () => {
    const { client, harvest, sae } = await place()
    const index = (params: Record<string, unknown>) => run(client, 'index', params)
    // while another job builds it, a second one says so, and leaves it alone
    const lock = lockFile(join(await workFolderOf(sae), 'lock'))
    expect(await index({ ...at, harvest: 'small' })).toMatchObject({
      ...{ state: 'failed', error: { code: 'features/busy' } },
    })
    lock!.release()
    expect((await client.call('features.indexes', at)).map(({ state }) => state)).toContain('ready')

    // of another version: it says so until it is built again
    const path = join(sae, 'indexes', 'small', 'manifest.json')
    const manifest = await readFile(path, 'utf8')
    await writeFile(path, manifest.replace('"format": 1', '"format": 0'))
    expect((await client.call('features.indexes', at))[0]).toMatchObject({ state: 'outdated' })
    await expect(client.call('features.table', at)).rejects.toMatchObject({ code: 'features/outdated' })
    expect(await index({ ...at, harvest: 'small' })).toMatchObject({ state: 'done' })
    // the same, but for where its harvest is now
    expect(await readFile(path, 'utf8')).toBe(manifest.replace(firstHarvest(), harvest))
    expect((await client.call('features.table', at)).features).toBe(64)
    await rm(path)
    expect((await client.call('features.indexes', at))[0]).toMatchObject({ state: 'damaged' })
    // a path is meant from the terminal's folder, which is not the host's
    const byPath = ['indexes', '--sae', './saes/chance']
    expect(await printed(sae, byPath)).toMatchObject({ indexes: [{ harvest: 'small', state: 'damaged' }] })
    const { id, freedBytes } = await printed(sae, ['remove', at.sae, '--index', 'sm'])
    expect(id).toBe('small')
    expect(freedBytes).toBeGreaterThan(100_000)
    expect(await client.call('features.indexes', at)).toEqual([])
    await expect(client.call('features.table', at)).rejects.toMatchObject({ code: 'features/none' })
  })
})
