// Verifying an index of features: what was built passes, and whatever is changed in it or beside it is found and named.
import { copyFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIndex } from '../../../src/main/features/build-index.ts'
import type { IndexOrder } from '../../../src/main/features/index-order.ts'
import { CodesFile } from '../../../src/main/features/codes.ts'
import { CHECKSUMS, codesFile, DATABASE, rowsFile } from '../../../src/main/features/index-folder.ts'
import { verifyIndex, type VerifyIndexOptions } from '../../../src/main/features/verify-index.ts'
import type { SaeParts } from '../../../src/main/sae/sae-parts.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { featureMigrations } from '../../../src/main/features/feature-schema.ts'
import { idleIndex, indexOrder, smallPlace } from '../../helpers/small-index.ts'

let root: string
let whole: string
let order: IndexOrder

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  whole = join(root, 'index')
  const place = await smallPlace(root, { tokens: 1_500 })
  order = await indexOrder(place, whole, { share: 0.8, model: null, noModel: 'It is not here.' })
  await buildIndex(order, idleIndex)
}, 60_000)
afterAll(() => rm(root, { recursive: true, force: true }))

const steps: string[] = []
function verify(folder: string, changes: Partial<VerifyIndexOptions> = {}) {
  const { sae, saeHash, harvest, device } = order
  return verifyIndex({
    ...{ folder, sae, saeHash, harvest, device },
    onProgress: (step, done, total) => Promise.resolve(void steps.push(`${step} ${done}/${total}`)),
    ...changes,
  })
}

let copies = 0
async function copy(): Promise<string> {
  const folder = join(root, `copy-${copies++}`)
  await cp(whole, folder, { recursive: true })
  return folder
}

/** Changes the activation of the last code of a shard in the file. */
async function spoil(folder: string, shard: number): Promise<void> {
  const path = join(folder, codesFile(shard))
  const codes = await CodesFile.open(folder, shard)
  const { values } = codes.read(0, codes.rows)
  await codes.close()
  const bytes = await readFile(path)
  const last = Buffer.from(values.buffer, values.byteOffset).subarray(2 * (values.length - 32))
  const at = bytes.lastIndexOf(last)
  expect(at).toBeGreaterThan(0)
  bytes[at + 63]! ^= 0x04
  await writeFile(path, bytes)
}

describe('an index', { timeout: 60_000 }, () => {
  it('that was built passes, with its checksums or without', async () => {
    const found = await verify(whole)
    expect(found.rows).toBeGreaterThan(900)
    const files = (await readdir(whole)).filter((name) => name.endsWith('.arrow')).length
    expect(found).toMatchObject({ changed: 0, checksums: files })
    expect(found.recomputed).toBeGreaterThan(100)
    expect(found.maxRelDifference).toBeLessThan(1e-3)
    expect(steps).toEqual(
      expect.arrayContaining([`Checksums ${files}/${files}`, 'Counting 3/3', 'Encoding 16/16']),
    )
    const folder = await copy()
    await rm(join(folder, CHECKSUMS))
    expect(await verify(folder)).toEqual({ ...found, checksums: null })
  })

  it('with a changed byte is found out by its checksum, or by what its numbers add up to', async () => {
    const folder = await copy()
    await spoil(folder, 1)
    await expect(verify(folder)).rejects.toThrow(/codes-00001\.arrow .* SHA-256/)
    await rm(join(folder, CHECKSUMS))
    await expect(verify(folder)).rejects.toThrow(/feature \d+/i)
  })

  it('with another shard’s rows, or of another harvest or SAE, is refused', async () => {
    const folder = await copy()
    await rm(join(folder, CHECKSUMS))
    for (const name of [rowsFile, codesFile]) await copyFile(join(folder, name(0)), join(folder, name(1)))
    await expect(verify(folder)).rejects.toMatchObject({ code: 'verify/wrong' })
    const { manifest } = order.harvest
    const more = { ...manifest, ledger: { ...manifest.ledger, rows: manifest.ledger.rows + 1 } }
    await expect(verify(whole, { harvest: { ...order.harvest, manifest: more } })).rejects.toThrow(
      /rows of the harvest/,
    )
    await expect(verify(whole, { saeHash: 'another' })).rejects.toThrow(/weights/)
    const read: SaeParts['read'] = async (name, from, count) => {
      const part = await order.sae.read(name, from, count)
      return name === 'W_enc' ? part.map((value) => 1.01 * value) : part
    }
    await expect(verify(whole, { sae: { ...order.sae, read } })).rejects.toThrow(/differs by/)
  })

  it('whose database says otherwise is found out', async () => {
    const folder = await copy()
    const db = openForWriting(join(folder, DATABASE), featureMigrations)
    db.exec('UPDATE feature SET firings = firings + 1 WHERE id = 3')
    db.close()
    await expect(verify(folder)).rejects.toThrow(/feature 3/)
  })
})
