// npm run bench [sae|sae-trained|llama|search|steering|harvest|features [WORKSPACE]|index-memory|report [WORKSPACE]]: the numbers of the README, measured on this machine beside the programs they are compared with.
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { computeEnvironment } from '../src/main/host/compute-environment.ts'
import { benchFeatureSearch } from './feature-search.ts'
import { benchFoundFeatures } from './found-features.ts'
import { benchHarvest } from './harvest.ts'
import { benchIndexMemory } from './index-memory.ts'
import { benchLlama } from './llama.ts'
import { benchReports } from './report.ts'
import { benchSparseSteps } from './sae-sparse.ts'
import { benchSaeStep } from './sae-step.ts'
import { benchTrained } from './sae-trained.ts'
import { benchSearch } from './search.ts'
import { benchSteering } from './steering.ts'

const benches: Readonly<Record<string, (argument: string | undefined) => Promise<void> | void>> = {
  sae: async () => {
    for (const rows of [1024, 4096]) await benchSaeStep(rows)
    for (const rows of [1024, 4096]) await benchSparseSteps(rows)
  },
  'sae-trained': benchTrained,
  llama: benchLlama,
  search: benchSearch,
  steering: benchSteering,
  harvest: benchHarvest,
  report: benchReports,
  'index-memory': benchIndexMemory,
  features: async (workspace) => {
    await benchFeatureSearch()
    await benchFoundFeatures(workspace)
  },
}

const [, , wanted, argument] = process.argv
const environment = computeEnvironment()
if (environment.GLIBC_TUNABLES === process.env.GLIBC_TUNABLES) {
  const chosen = wanted === undefined ? Object.values(benches) : [benches[wanted]]
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`)
  console.log(`load before it began: ${loadavg()[0]!.toFixed(1)}`)
  for (const bench of chosen) {
    if (!bench) throw new Error(`There is no bench "${wanted}": ${Object.keys(benches).join(', ')}.`)
    await bench(argument)
  }
} else {
  // work is done in compute processes, whose memory this one cannot have any more
  const again = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  process.exitCode = spawnSync(process.execPath, again, { env: environment, stdio: 'inherit' }).status ?? 1
}
