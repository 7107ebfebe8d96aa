// npm run bench [sae|llama|search|harvest]: the numbers of the README, measured on this machine beside the programs they are compared with.
import { availableParallelism, cpus, loadavg } from 'node:os'
import { benchHarvest } from './harvest.ts'
import { benchLlama } from './llama.ts'
import { benchSparseSteps } from './sae-sparse.ts'
import { benchSaeStep } from './sae-step.ts'
import { benchSearch } from './search.ts'

const benches: Readonly<Record<string, () => Promise<void> | void>> = {
  sae: async () => {
    for (const rows of [1024, 4096]) await benchSaeStep(rows)
    for (const rows of [1024, 4096]) await benchSparseSteps(rows)
  },
  llama: benchLlama,
  search: benchSearch,
  harvest: benchHarvest,
}

const [, , wanted] = process.argv
const chosen = wanted === undefined ? Object.values(benches) : [benches[wanted]]
console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`)
console.log(`load before it began: ${loadavg()[0]!.toFixed(1)}`)
for (const bench of chosen) {
  if (!bench) throw new Error(`There is no bench "${wanted}": ${Object.keys(benches).join(', ')}.`)
  await bench()
}
