// Which features of an SAE of the demo stand for what its corpus is made of: Spanish, medicine, Python, scripture.
// Letters: F features.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allPieces, rowKinds } from '../src/main/features/codes.ts'
import { spelledToken } from '../src/main/features/example-view.ts'
import { FeatureIndex } from '../src/main/features/feature-index.ts'
import { indexesOf } from '../src/main/features/index-folder.ts'
import type { IndexManifest } from '../src/shared/features.ts'
import { demoIndex } from './demo-index.ts'

type Group = IndexManifest['groups'][number]

/** What is looked for; one feature at least has to be found for each. All Spanish of the demo is scripture, so that counts in English, too. */
const wanted: Readonly<Record<string, (group: Group) => boolean>> = {
  Spanish: ({ language }) => language === 'es',
  Medical: ({ stratum }) => stratum === 'Medical',
  Python: ({ stratum }) => stratum === 'Python',
  Scripture: ({ stratum }) => stratum === 'Scripture',
  '  in English': ({ stratum, language }) => stratum === 'Scripture' && language === 'en',
}
/** Activations of a feature that are looked at: the greatest on held-out documents. */
const TOP = 50
/** The share of them, of the contexts it fires in, and the number of different tokens among the former: at least. */
const [PRECISION, REACH, TOKENS] = [0.9, 0.3, 10]
/** Activations kept of a feature before all but the greatest are dropped. */
const KEPT = 8 * TOP

interface Firing {
  readonly value: number
  readonly group: number
  readonly token: number
}

interface Found {
  readonly feature: number
  readonly precision: number
  readonly reach: number
  readonly tokens: number
}

/** With the index of a workspace (the only one, or the first), else with one made of the demo. Throws where a kind has no feature. */
export async function benchFoundFeatures(workspace: string | undefined): Promise<void> {
  if (workspace !== undefined) {
    await look(await firstIndex(workspace))
    return
  }
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    await look(await demoIndex(folder))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function firstIndex(workspace: string): Promise<string> {
  const saes = join(workspace, 'saes')
  for (const sae of (await readdir(saes)).sort()) {
    const indexes = indexesOf(join(saes, sae))
    const names = (await readdir(indexes).catch(() => [])).filter((name) => !name.startsWith('.'))
    const [first] = names.sort()
    if (first !== undefined) return join(indexes, first)
  }
  throw new Error(`No SAE in ${workspace} has an index: monoscope index --sae S.`)
}

async function look(folder: string): Promise<void> {
  const index = await FeatureIndex.open(folder)
  try {
    const { sae, harvest, rows, groups } = index.manifest
    console.log(
      `\nFeatures found: SAE ${sae.id} (F ${sae.features}) on harvest ${harvest.id}, ${rows.toLocaleString('en')} rows;\n` +
        `  of their ${TOP} greatest activations on held-out documents ${PRECISION * 100} % there, on ${TOKENS} different tokens,\n` +
        `  and firing in ${REACH * 100} % of the contexts`,
    )
    const tops = await heldOutTops(index)
    const missing: string[] = []
    for (const [name, matches] of Object.entries(wanted)) {
      const found = await passing(index, tops, groups.map(matches))
      const [best] = found
      const what = best
        ? `${String(found.length).padStart(4)} pass; the best ${told(index, best)}`
        : `${'0'.padStart(4)} pass`
      console.log(`  ${name.padEnd(14)}${what}`)
      if (!best) missing.push(name.trim())
    }
    if (missing.length > 0) throw new Error(`No feature was found for: ${missing.join(', ')}.`)
  } finally {
    await index.close()
  }
}

function told(index: FeatureIndex, { feature, precision, reach, tokens }: Found): string {
  const percent = (share: number) => `${(share * 100).toFixed(0)} %`
  const token = JSON.stringify(spelledToken(index, index.columns.token[feature]!))
  return `#${feature}: ${percent(precision)} there, ${tokens} tokens (most ${token}), in ${percent(reach)} of the contexts`
}

/** (F): of each feature the greatest activations on documents that training never saw, the greatest first. */
async function heldOutTops(index: FeatureIndex): Promise<Firing[][]> {
  const { folder, features: F, manifest } = index
  const shards = (await readdir(folder)).filter((name) => name.startsWith('rows-')).length
  const tops = Array.from({ length: F }, (): Firing[] => [])
  for await (const { kind, group, token, starts, features, values } of allPieces(folder, shards)) {
    for (let row = 0; row < kind.length; row++) {
      if (kind[row] !== rowKinds.counted || !manifest.groups[group[row]!]!.validates) continue
      for (let at = starts[row]!; at < starts[row + 1]!; at++) {
        const top = tops[features[at]!]!
        top.push({ value: values[at]!, group: group[row]!, token: token[row]! })
        if (top.length >= KEPT) tops[features[at]!] = greatest(top)
      }
    }
  }
  return tops.map(greatest)
}

/** Equal ones in the order of the corpus. */
function greatest(firings: readonly Firing[]): Firing[] {
  return firings.toSorted((a, b) => b.value - a.value).slice(0, TOP)
}

/** Those that stand for the groups of documents that are told by 1, the purest first. */
async function passing(
  index: FeatureIndex,
  tops: readonly (readonly Firing[])[],
  inside: readonly boolean[],
): Promise<Found[]> {
  const { context, group } = index.contexts
  const contexts = group.reduce((count, its) => count + (inside[its] ? 1 : 0), 0)
  const isInside = new Set(context.filter((_, place) => inside[group[place]!]))
  const found: Found[] = []
  for (const [feature, top] of tops.entries()) {
    const precision = top.filter((firing) => inside[firing.group]).length / TOP
    const tokens = new Set(top.map(({ token }) => token)).size
    if (precision < PRECISION || tokens < TOKENS) continue
    const fired = await index.firedContexts(feature)
    const reach = fired.context.reduce((count, id) => count + (isInside.has(id) ? 1 : 0), 0) / contexts
    if (reach >= REACH) found.push({ feature, precision, reach, tokens })
  }
  return found.sort((a, b) => b.precision - a.precision || b.reach - a.reach)
}
