// Reports: how long 20 and 1,000 features take in each format, and what memory that needs at most.
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { computeFlags } from '../src/main/host/compute-environment.ts'
import { openWorkspace } from '../src/main/store/workspace.ts'
import { demoIndex } from './demo-index.ts'

/** What is wanted: features → seconds. */
const AIMS: Readonly<Record<number, number>> = { 20: 5, 1000: 60 }
const RUN = fileURLToPath(new URL('report-run.ts', import.meta.url))

/** With the SAE and the index of a workspace, which is copied; else with one made of the demo. */
export async function benchReports(workspace: string | undefined): Promise<void> {
  console.log('\nReports of the demo’s features, all parts but quantiles, each in a process of its own')
  const root = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    if (workspace === undefined) await demoWorkspace(root)
    else await cp(workspace, root, { recursive: true })
    for (const format of ['html', 'json', 'neuronpedia']) {
      for (const features of [20, 100, 1000, 3000]) measure(root, format, features)
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

function measure(root: string, format: string, features: number): void {
  const given = [...computeFlags, RUN, root, format, String(features)]
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`A report of ${features} features as ${format} failed: ${stderr}`)
  const { seconds, peak, bytes } = JSON.parse(stdout) as { seconds: number; peak: number; bytes: number }
  const aim = AIMS[features]
  const allowed = aim === undefined ? '' : ` (wanted: below ${aim} s)`
  const what = `${String(features).padStart(5)} features as ${format}`
  console.log(
    `  ${what.padEnd(34)}${seconds.toFixed(1)} s${allowed}, ${(bytes / 1e6).toFixed(1)} MB, peak ${Math.round(peak / 1e6)} MB`,
  )
}

/** Where a report looks for an SAE and its index. */
async function demoWorkspace(root: string): Promise<void> {
  // beside it: a workspace is made in an empty folder only
  const made = `${root}-made`
  await openWorkspace(root)
  const index = await demoIndex(made)
  await cp(join(made, 'sae'), join(root, 'saes', 'demo'), { recursive: true })
  await cp(index, join(root, 'saes', 'demo', 'indexes', 'demo'), { recursive: true })
  await cp(join(made, 'harvest'), join(root, 'harvests', 'demo'), { recursive: true })
  await rm(made, { recursive: true })
  if ((await readdir(join(root, 'saes'))).length !== 1) throw new Error('The demo’s SAE is missing.')
}
