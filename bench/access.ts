// How soon a row or a context of a harvest is there: rows anywhere, from files in the system's memory and from the disk.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { contextView, type ViewSource } from '../src/main/activations/context-view.ts'
import { INDEX, readHarvest } from '../src/main/activations/harvest-folder.ts'
import { HarvestIndex } from '../src/main/activations/harvest-index.ts'
import { ShardReader } from '../src/main/activations/shard-reader.ts'
import { generator, quantile } from './search.ts'

const TIMES = 400
/** Milliseconds. */
const AIM = 5

/** `folder` is the harvest's, `tokenizer` that of its model's checkpoint. */
export async function benchAccess(folder: string, tokenizer: string): Promise<void> {
  const { shards, ledger, calibration } = await readHarvest(folder)
  const places = shards.map(({ name, firstRow, rows }) => ({ path: join(folder, name), firstRow, rows }))
  const source: ViewSource = { shards: places, calibration, tokenizer }
  const random = generator(3)
  const row = async (index: HarvestIndex) => {
    const wanted = Math.floor(random() * ledger.rows)
    const context = index.contextOfRow(wanted)!
    const home = places.findLast(({ firstRow }) => firstRow <= wanted)!
    const shard = await ShardReader.open(home.path)
    const found = await shard.read(wanted - home.firstRow, 1)
    await shard.close()
    if (found.context[0] !== context.id) throw new Error(`Row ${wanted} is of another context.`)
  }
  const context = async (index: HarvestIndex) => {
    await contextView(index, source, Math.floor(random() * ledger.contexts))
  }
  console.log(`  any row or context of ${ledger.rows.toLocaleString('en')} rows, ${TIMES} times each:`)
  for (const [name, read] of [
    ['a row', row],
    ['a context', context],
  ] as const) {
    const index = HarvestIndex.open(join(folder, INDEX))
    await read(index)
    tell(`${name}, in memory`, await timed(() => read(index)))
    index.close()
    if (!forget(folder, [])) continue
    const cold: number[] = []
    for (let time = 0; time < TIMES / 10; time++) {
      forget(folder, [INDEX, ...shards.map((shard) => shard.name)])
      const again = HarvestIndex.open(join(folder, INDEX))
      cold.push(...(await timed(() => read(again), 1)))
      again.close()
    }
    tell(`${name}, from disk`, cold)
  }
}

async function timed(read: () => Promise<void>, times = TIMES): Promise<number[]> {
  const taken: number[] = []
  for (let time = 0; time < times; time++) {
    const begun = performance.now()
    await read()
    taken.push(performance.now() - begun)
  }
  return taken
}

function tell(what: string, times: readonly number[]): void {
  console.log(
    `    ${what.padEnd(24)} p50 ${quantile(times, 0.5)}, p95 ${quantile(times, 0.95)} (aim: under ${AIM} ms)`,
  )
}

/** Takes files out of the system's memory; false where nothing here can (dd of Linux does). */
function forget(folder: string, names: readonly string[]): boolean {
  try {
    execFileSync('dd', ['if=/dev/null', 'iflag=nocache', 'count=0', 'status=none'])
    for (const name of names) {
      execFileSync('dd', [`if=${join(folder, name)}`, 'iflag=nocache', 'count=0', 'status=none'])
    }
    return true
  } catch {
    return false
  }
}
