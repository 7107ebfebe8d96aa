// Shards: what is written is read again, to the byte, by us and by others; and damage is noticed.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type {
  NewShardRows,
  ShardFormat,
  ShardRows,
  ShardSummary,
} from '../../../src/main/activations/shard.ts'
import { ShardReader } from '../../../src/main/activations/shard-reader.ts'
import { ShardWriter } from '../../../src/main/activations/shard-writer.ts'
import { ArrowWriter } from '../../../src/main/store/arrow-writer.ts'
import { generator, shardRows } from '../../helpers/shards.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const D = 24
const format: ShardFormat = { width: D, encoding: 'float16', metadata: { model: 'm', hook: 'h' } }
const python = process.env.MONOSCOPE_PYTHON ?? 'python3'
const has = (module: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0

async function writeShard(
  batches: readonly NewShardRows[],
  options: Partial<ShardFormat> = {},
): Promise<{ path: string; summary: ShardSummary }> {
  const path = join(await temporaryFolder(), 'shard-00000.arrow')
  const writer = await ShardWriter.create(path, { ...format, ...options })
  for (const rows of batches) await writer.write(rows)
  return { path, summary: await writer.commit() }
}

async function openShard(path: string): Promise<ShardReader> {
  const shard = await ShardReader.open(path)
  onTestFinished(() => shard.close())
  return shard
}

/** What float16 makes of them. */
const halves = (values: Float32Array) => new Float32Array(new Float16Array(values))
/** Rows `from` to `to` of `rows`. */
function slice(rows: ShardRows, from: number, to: number): ShardRows {
  const { activations, ...tokens } = rows
  const cut = Object.entries(tokens).map(([name, values]) => [name, values.slice(from, to)])
  return { ...Object.fromEntries(cut), activations: activations.slice(from * D, to * D) } as ShardRows
}
const only = (values: readonly number[]): ShardRows => ({
  ...slice(shardRows(1, D), 0, 1),
  activations: Float32Array.from({ length: D }, (_, index) => values[index] ?? 0),
})

describe('a shard', () => {
  it('holds every row as it was, in batches and anywhere', async () => {
    const [first, second] = [shardRows(100, D, 1), shardRows(37, D, 2)]
    const { path, summary } = await writeShard([first, second])
    expect(summary).toMatchObject({ rows: 137, overflowed: 0, error: null })
    const shard = await openShard(path)
    expect(shard.rows).toBe(137)
    expect(shard.format).toEqual(format)
    const batches: ShardRows[] = []
    for await (const batch of shard.batches()) batches.push(batch)
    expect(batches).toEqual(
      [first, second].map((rows) => ({ ...rows, activations: halves(rows.activations) })),
    )
    const across = await shard.read(90, 20)
    expect(across.token).toEqual(Int32Array.from([...first.token.slice(90), ...second.token.slice(0, 10)]))
    expect(across.activations.subarray(10 * D)).toEqual(halves(second.activations.subarray(0, 10 * D)))
    expect(await shard.read(136, 1)).toEqual({
      ...slice(second, 36, 37),
      activations: halves(second.activations.subarray(36 * D)),
    })
    expect((await shard.read(50, 0)).token).toHaveLength(0)
    await expect(shard.read(130, 8)).rejects.toThrow('Rows 130 to 138 of 137')
  })

  it('is the same file, byte by byte, for the same rows', async () => {
    const rows = [shardRows(64, D), shardRows(7, D, 3)]
    const one = await writeShard(rows, { metadata: { hook: 'h', model: 'm' } })
    const other = await writeShard(rows, { metadata: { model: 'm', hook: 'h' } })
    expect(readFileSync(one.path).equals(readFileSync(other.path))).toBe(true)
    expect(one.summary).toEqual(other.summary)
    expect(one.summary.bytes).toBe(readFileSync(one.path).length)
    const changed = await writeShard([shardRows(64, D), shardRows(7, D, 4)])
    expect(changed.summary.sha256).not.toBe(one.summary.sha256)
  })

  it('without rows is a shard as well', async () => {
    const { path, summary } = await writeShard([])
    expect(summary.rows).toBe(0)
    expect((await openShard(path)).rows).toBe(0)
  })

  it('rounds to the nearest, clips and counts what float16 cannot hold, and never stores infinity', async () => {
    // 65,520 is the first number that rounds to infinity; 2049 lies between two halves and goes to the even one
    const values = [65_504, 65_519, 65_520, -70_000, Infinity, -Infinity, 2049, 1e-8, -0]
    const { path, summary } = await writeShard([only(values)])
    expect(summary.overflowed).toBe(4)
    const { activations } = await (await openShard(path)).read(0, 1)
    expect([...activations.subarray(0, 9)]).toEqual([
      ...[65_504, 65_504, 65_504, -65_504, 65_504, -65_504],
      ...[2048, 0, -0],
    ])
  })

  it('looks at rows whose lengths are given only where those are long or none', async () => {
    const rows = slice(shardRows(3, D), 0, 3)
    rows.activations.set([70_000], D)
    const norms = (lengths: number[]) => ({ ...rows, norms: Float32Array.from(lengths) })
    const { path, summary } = await writeShard([norms([10, 70_000, 10])])
    expect(summary.overflowed).toBe(1)
    const { activations } = await (await openShard(path)).read(0, 3)
    const clipped = rows.activations.with(D, 65_504)
    expect(activations).toEqual(halves(clipped))
    rows.activations.set([NaN], D)
    await expect(writeShard([norms([10, NaN, 10])])).rejects.toMatchObject({
      code: 'activations/not-a-number',
    })
  })

  it.each(['float16', 'int8'] as const)(
    'refuses what is not a number in %s, and leaves no file',
    async (encoding) => {
      const folder = await temporaryFolder()
      const writer = await ShardWriter.create(join(folder, 's.arrow'), { ...format, encoding })
      await expect(writer.write(only([1, NaN]))).rejects.toMatchObject({ code: 'activations/not-a-number' })
      await writer.abort()
      expect(await readdir(folder)).toEqual([])
    },
  )

  it('as int8 measures what it loses', async () => {
    const rows = shardRows(500, D)
    const { path, summary } = await writeShard([rows, only([]), only([1e-45, 2e-43])], { encoding: 'int8' })
    const shard = await openShard(path)
    const { activations } = await shard.read(0, 500)
    let [lost, total] = [0, 0]
    for (const [index, value] of rows.activations.entries()) {
      const difference = value - activations[index]!
      lost += difference ** 2
      total += value ** 2
      // half a step of a row whose largest is at most 10
      expect(Math.abs(difference)).toBeLessThanOrEqual(10 / 127 / 2 + 1e-6)
    }
    expect(summary.error).toBeCloseTo(Math.sqrt(lost / total), 6)
    expect(summary.error).toBeGreaterThan(1e-3)
    expect(summary.error).toBeLessThan(5e-3)
    // rows of zeros, and of the smallest numbers there are
    expect([...(await shard.read(500, 1)).activations]).toEqual(Array(D).fill(0))
    const [, largest] = (await shard.read(501, 1)).activations
    expect(largest).toBeGreaterThan(1.5e-43)
  })

  it('of another kind, or from a newer version, is refused', async () => {
    const path = join(await temporaryFolder(), 'other.arrow')
    const other = await ArrowWriter.create(path, [{ name: 'feature', type: 'uint16' }], {})
    await other.write(2, { feature: Uint16Array.of(1, 2) })
    await other.commit()
    await expect(ShardReader.open(path)).rejects.toMatchObject({ code: 'shard/foreign' })
    const newer = await ArrowWriter.create(path, [], { format: '2' })
    await newer.commit()
    await expect(ShardReader.open(path)).rejects.toMatchObject({ code: 'shard/newer' })
    await expect(ShardReader.open(`${path}.none`)).rejects.toMatchObject({ code: 'disk/missing' })
  })

  it('that is cut short anywhere, or is no such file, is refused', async () => {
    const { path } = await writeShard([shardRows(40, D), shardRows(3, D)])
    const whole = readFileSync(path)
    const lengths = [0, 1, 9, 100, whole.length >> 1, whole.length - 11, whole.length - 1]
    for (const length of lengths) {
      writeFileSync(path, whole.subarray(0, length))
      await expect(ShardReader.open(path)).rejects.toMatchObject({ code: 'arrow/damaged', kind: 'expected' })
    }
    writeFileSync(path, Buffer.concat([whole.subarray(0, 500), whole.subarray(1_500)]))
    await expect(ShardReader.open(path)).rejects.toMatchObject({ code: 'arrow/damaged' })
  })

  it('whose footer is damaged is read or refused in good time', async () => {
    const { path } = await writeShard([shardRows(40, D), shardRows(3, D)])
    const whole = readFileSync(path)
    const random = generator(5)
    const codes = new Set<string>()
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(whole)
      // in the footer, where everything else is found
      const at = bytes.length - 1 - Math.floor(random() * 1_100)
      bytes[at] = Math.floor(random() * 256)
      writeFileSync(path, bytes)
      try {
        const shard = await ShardReader.open(path)
        await shard.read(0, Math.min(3, shard.rows))
        await shard.close()
      } catch (error) {
        expect(error).toMatchObject({ kind: 'expected' })
        codes.add((error as { code: string }).code)
      }
    }
    expect(codes).toContain('arrow/damaged')
  })

  it.skipIf(!has('pyarrow'))('is read by pyarrow, from its end and as a stream (needs pyarrow)', async () => {
    const rows = shardRows(50, D)
    const { path } = await writeShard([rows, shardRows(9, D)])
    const script = `
import json, sys, pyarrow as pa, pyarrow.ipc as ipc
file = ipc.open_file(sys.argv[1])
table = file.read_all()
table.validate(full=True)
stream = ipc.open_stream(open(sys.argv[1], 'rb').read()[8:])
print(json.dumps({
  'rows': [b.num_rows for b in stream],
  'types': [str(t) for t in table.schema.types],
  'meta': {k.decode(): v.decode() for k, v in table.schema.metadata.items()},
  'token': table['token'].to_pylist()[:50],
  'activation': [float(x) for x in table['activation'][49].as_py()],
}))`
    const { stdout, stderr } = spawnSync(python, ['-c', script, path], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      rows: [50, 9],
      types: [
        ...['uint32', 'uint16', 'int32', 'uint32', 'uint8'],
        `fixed_size_list<item: halffloat not null>[${D}]`,
      ],
      meta: { format: '1', encoding: 'float16', width: String(D), model: 'm', hook: 'h' },
      token: [...rows.token],
      activation: [...halves(rows.activations.subarray(49 * D))],
    })
  })

  it.skipIf(!has('pyarrow, duckdb'))(
    'is queried by DuckDB, which wants float16 made float32 (needs pyarrow and duckdb)',
    async () => {
      const { path } = await writeShard([shardRows(50, D)])
      const int8 = await writeShard([shardRows(50, D)], { encoding: 'int8' })
      const script = `
import json, sys, duckdb, pyarrow as pa, pyarrow.ipc as ipc
half, byte = [ipc.open_file(path).read_all() for path in sys.argv[1:]]
wide = half.set_column(5, 'activation', half['activation'].cast(pa.list_(pa.float32(), ${D})))
query = 'SELECT count(*), max(context), sum(token)::BIGINT, len(any_value(activation)) FROM '
print(json.dumps([duckdb.sql(query + name).fetchall() for name in ['wide', 'byte']]))`
      const { stdout, stderr } = spawnSync(python, ['-c', script, path, int8.path], { encoding: 'utf8' })
      expect(stderr).toBe('')
      const sum = shardRows(50, D).token.reduce((a, b) => a + b)
      expect(JSON.parse(stdout)).toEqual([[[50, 3, sum, D]], [[50, 3, sum, D]]])
    },
  )
})
