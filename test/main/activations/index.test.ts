// The index of a harvest: what a row is and where a text's rows are; killed and resumed; copied and read-only.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, truncateSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { harvestReader } from '../../../src/main/activations/harvest-reads.ts'
import { indexMigrations } from '../../../src/main/activations/index-schema.ts'
import { HarvestIndex } from '../../../src/main/activations/harvest-index.ts'
import { IndexWriter } from '../../../src/main/activations/index-writer.ts'
import { openForReading, openForWriting } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { dump } from '../../helpers/dump.ts'
import { canMount, makeReadOnly, smallDisk } from '../../helpers/disk.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { addChunk, CHUNKS, CONTEXTS_A_CHUNK, textOf, TOKENS } from './index-chunks.ts'

const builder = fileURLToPath(new URL('index-builder.ts', import.meta.url))

async function build(chunks = CHUNKS): Promise<string> {
  const path = join(await temporaryFolder(), 'index.sqlite')
  const writer = IndexWriter.open(path)
  for (let chunk = 0; chunk < chunks; chunk++) {
    addChunk(writer, chunk)
    writer.commit({ chunks: chunk + 1 })
  }
  writer.finish()
  return path
}

function openIndex(path: string): HarvestIndex {
  const index = HarvestIndex.open(path)
  onTestFinished(() => index.close())
  return index
}

/** Runs the builder, which is killed when it has added `until` contexts since it began; -1 lets it end. */
async function runBuilder(path: string, until: number): Promise<void> {
  const child = spawn(process.execPath, [builder, path, String(until)], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([code, signal]).toEqual(until < 0 ? [0, null] : [null, 'SIGKILL'])
}

describe('the index of a harvest', () => {
  it('names what a row, a sentence and a document are', async () => {
    const index = openIndex(await build(2))
    const contexts = 2 * CONTEXTS_A_CHUNK
    expect(index.counts()).toEqual({
      documents: contexts / 4,
      contexts,
      sentences: contexts / 2,
      rows: contexts * TOKENS,
    })
    const context = { id: 7, firstRow: 7 * TOKENS, tokens: TOKENS, text: textOf(7) }
    expect(index.context(7)).toEqual(context)
    expect(index.contextOfRow(7 * TOKENS)).toEqual(context)
    expect(index.contextOfRow(8 * TOKENS - 1)).toEqual(context)
    expect(index.contextOfRow(contexts * TOKENS)).toBeUndefined()
    expect(index.sentence(3)).toEqual({ id: 3, document: 10, context: 6, start: 20, end: 40 })
    // the sentence that began in the context before goes on in this one
    expect(index.sentencesOfContext(7).map(({ id }) => id)).toEqual([3])
    // this one begins with its own
    expect(index.sentencesOfContext(8).map(({ id }) => id)).toEqual([4])
    expect(index.document(20)).toEqual({
      ...{ ordinal: 20, source: 'd20.txt', stratum: 's', language: null, meta: '{"set":"a"}', split: 1 },
      begins: 1,
    })
    expect(index.document(21)).toBeUndefined()
    // the first shares its last context with the second, which ends where the third begins one
    expect(index.contextsOfDocument(0)).toEqual({ first: 0, last: 4 })
    expect(index.contextsOfDocument(10)).toEqual({ first: 4, last: 7 })
    expect(index.contextsOfDocument((contexts / 4 - 1) * 10)).toEqual({
      first: contexts - 4,
      last: contexts - 1,
    })
    expect(index.contextsOfDocument(21)).toBeUndefined()
  })

  it('of before contexts said with which sentence they begin is read as well', async () => {
    const path = await build(1)
    const db = openForWriting(path, indexMigrations)
    db.exec('ALTER TABLE context DROP COLUMN sentence; PRAGMA user_version = 2; PRAGMA journal_mode = DELETE')
    db.close()
    const index = openIndex(path)
    expect(index.sentencesOfContext(7).map(({ id }) => id)).toEqual([3])
    // whether the one before goes on is not known
    expect(index.sentencesOfContext(8).map(({ id }) => id)).toEqual([3, 4])
  })

  it('killed anywhere and resumed is the same as never stopped', { timeout: 120_000 }, async () => {
    const whole = dump(await build())
    for (const kills of [[1], [CONTEXTS_A_CHUNK + 7, 90], [CHUNKS * CONTEXTS_A_CHUNK - 1]]) {
      const path = join(await temporaryFolder(), 'index.sqlite')
      for (const kill of kills) await runBuilder(path, kill)
      await runBuilder(path, -1)
      expect(dump(path)).toEqual(whole)
    }
  })

  it('keeps where to go on with what was committed, and forgets the rest', async () => {
    const path = join(await temporaryFolder(), 'index.sqlite')
    const writer = IndexWriter.open(path)
    expect(writer.progress()).toBeNull()
    addChunk(writer, 0)
    writer.commit({ chunks: 1 })
    addChunk(writer, 1)
    writer.close()
    expect(() => HarvestIndex.open(path)).toThrow(expect.objectContaining({ code: 'index/unfinished' }))
    const again = IndexWriter.open(path)
    expect(again.progress()).toEqual({ chunks: 1 })
    addChunk(again, 1)
    again.commit({ chunks: 2 })
    again.finish()
    // finishing what is finished, as after an interruption just then, changes nothing
    const before = dump(path)
    IndexWriter.open(path).finish()
    expect(dump(path)).toEqual(before)
    expect(before).toEqual(dump(await build(2)))
  })

  it('is one file that opens where it is copied to', async () => {
    const path = await build(1)
    expect(readdirSync(dirname(path))).toEqual(['index.sqlite'])
    const copy = join(await temporaryFolder(), 'copy')
    await mkdir(copy)
    copyFileSync(path, join(copy, 'index.sqlite'))
    expect(openIndex(join(copy, 'index.sqlite')).search({ text: 'the', limit: 1 }).matches).toBe(
      CONTEXTS_A_CHUNK,
    )
  })

  it.skipIf(!canMount)('opens from a disk nobody can write to (needs mount)', async () => {
    const path = await build(1)
    const disk = await smallDisk('8m')
    copyFileSync(path, join(disk, 'index.sqlite'))
    makeReadOnly(disk)
    const index = HarvestIndex.open(join(disk, 'index.sqlite'))
    expect(index.counts().contexts).toBe(CONTEXTS_A_CHUNK)
    expect(index.search({ text: 'the', limit: 1 }).matches).toBe(CONTEXTS_A_CHUNK)
    index.close()
    expect(readdirSync(disk)).toEqual(['index.sqlite'])
  })

  it.skipIf(!canMount)('on a disk that fills up keeps what was committed (needs mount)', async () => {
    const path = join(await smallDisk('700k'), 'index.sqlite')
    const writer = IndexWriter.open(path)
    let chunk = 0
    const fill = () => {
      for (; ; chunk++) {
        addChunk(writer, chunk)
        writer.commit({ chunks: chunk + 1 })
      }
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'disk/full' }))
    writer.close()
    const db = openForReading(path)
    onTestFinished(() => void db.close())
    expect(db.prepare('SELECT count(*) AS n FROM context').get()).toEqual({ n: chunk * CONTEXTS_A_CHUNK })
    expect(db.prepare('SELECT progress FROM state').pluck().get()).toBe(
      chunk === 0 ? null : JSON.stringify({ chunks: chunk }),
    )
  })

  it('of another kind, damaged or newer is refused', async () => {
    const folder = await temporaryFolder()
    const other = join(folder, 'other.sqlite')
    openForWriting(other, workspaceMigrations).close()
    expect(() => HarvestIndex.open(other)).toThrow(expect.objectContaining({ code: 'index/foreign' }))
    const path = await build(1)
    const db = openForWriting(path, indexMigrations)
    db.pragma('user_version = 99')
    db.close()
    expect(() => HarvestIndex.open(path)).toThrow(expect.objectContaining({ code: 'index/newer' }))
    const cut = await build(1)
    truncateSync(cut, 20_000)
    expect(() => HarvestIndex.open(cut)).toThrow(expect.objectContaining({ code: 'disk/corrupt' }))
  })

  it('is searched in a thread', async () => {
    const reader = harvestReader(await build(1))
    onTestFinished(() => reader.close())
    expect((await reader.read('search', [{ text: 'the', limit: 3 }])).hits).toHaveLength(3)
    expect((await reader.read('counts', [])).contexts).toBe(CONTEXTS_A_CHUNK)
    const tooLong = reader.read('search', [{ text: 'x'.repeat(10_000), limit: 3 }])
    await expect(tooLong).rejects.toMatchObject({ code: 'search/too-long' })
  })
})
