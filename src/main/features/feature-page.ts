// Everything on one feature, read from its index.
import type { Flagged } from '../../shared/feature-flags.ts'
import type { FeaturePage, TokenStats } from '../../shared/features.ts'
import { groupName } from '../../shared/norm-bins.ts'
import { readExamples, readLogits, readNear, readTogether, readTokens, readWhole } from './blobs.ts'
import type { ChosenExample } from './choose-examples.ts'
import type { TokenCount } from './describe-feature.ts'
import { ExampleReader, spelledToken } from './example-view.ts'
import type { FeatureIndex } from './feature-index.ts'
import { type Parts, summed } from './group-parts.ts'

interface Row {
  readonly firings: number
  readonly contexts: number
  readonly max: number
  readonly mean: number
  readonly flags: string
  readonly histogram: Uint8Array
  readonly by_group: Uint8Array
  readonly by_position: Uint8Array
  readonly examples: Uint8Array
  readonly tokens: Uint8Array
  readonly together: Uint8Array
  readonly sample: number
  readonly decoder_norm: number
  readonly near: Uint8Array
  readonly logits: Uint8Array | null
}

/** Throws `features/unknown`, `disk/…`, `arrow/damaged`. */
export async function featurePage(index: FeatureIndex, feature: number): Promise<FeaturePage> {
  index.assertHas(feature)
  const { manifest, db } = index
  const row = db.prepare<[number], Row>('SELECT * FROM feature WHERE id = ?').get(feature)!
  const reader = new ExampleReader(index)
  const shown = (examples: readonly ChosenExample[]) =>
    Promise.all(examples.map((example) => reader.example(feature, example)))
  const { top, quantiles, silent } = readExamples(row.examples)
  const [byMean = [], byCount = []] = readTokens(row.tokens)
  const byGroup = readWhole(row.by_group)
  const byPosition = readWhole(row.by_position)
  const logits = row.logits && readLogits(row.logits)
  const spelled = ({ id, value }: { readonly id: number; readonly value: number }) => ({
    ...{ id, value, text: spelledToken(index, id) },
  })
  const counted = manifest.rows - manifest.special - manifest.sinks
  return {
    ...{ feature, harvest: manifest.harvest.id, firings: row.firings, contexts: row.contexts },
    density: row.firings / Math.max(1, counted),
    ...{ max: row.max, mean: row.mean, decoderNorm: row.decoder_norm },
    token: spelledToken(index, index.columns.token[feature]!),
    flags: JSON.parse(row.flags) as Flagged[],
    unknown: unknownOf(index),
    histogram: readWhole(row.histogram),
    top: await shown(top),
    quantiles: await Promise.all(
      quantiles.map(async ({ examples, ...quantile }) => ({ ...quantile, examples: await shown(examples) })),
    ),
    silent: await shown(silent),
    tokensByMean: tokenStats(index, byMean),
    tokensByCount: tokenStats(index, byCount),
    logits: logits && { ...logits, up: logits.up.map(spelled), down: logits.down.map(spelled) },
    ...{ near: readNear(row.near), together: readTogether(row.together), sample: row.sample },
    byStratum: densities(byGroup, index.strata, manifest.strata),
    byLanguage: densities(byGroup, index.languages, manifest.languages),
    byPosition: manifest.positions.map((rows, group) => density(groupName(group), byPosition[group]!, rows)),
    bySplit: (['train', 'validation'] as const).map((split) => {
      const firings = manifest.groups.reduce(
        (sum, { validates }, group) => sum + (validates === (split === 'validation') ? byGroup[group]! : 0),
        0,
      )
      return density(split, firings, manifest.splits[split])
    }),
    ...beside(index, feature),
  }
}

function unknownOf({ manifest, spells }: FeatureIndex): string[] {
  const { aligned, alignedWhy, languages } = manifest
  const named = languages.filter(({ name }) => name !== null).length
  return [
    ...(aligned ? [] : [`Whether it fires across languages cannot be known: ${alignedWhy ?? ''}`]),
    ...(named < 2
      ? ['Whether it is of one language cannot be known: documents of the harvest name fewer than two.']
      : []),
    ...(spells ? [] : ['How much of it is on punctuation cannot be known: nothing spells its tokens.']),
  ]
}

function tokenStats(index: FeatureIndex, tokens: readonly TokenCount[]): TokenStats[] {
  const rows = index.db.prepare<[number], number>('SELECT rows FROM token WHERE id = ?').pluck()
  return tokens.map((token) => ({
    ...{ ...token, text: spelledToken(index, token.id), rows: rows.get(token.id) ?? 0 },
  }))
}

function densities(
  byGroup: Uint32Array,
  parts: Parts,
  told: readonly { readonly name: string | null; readonly rows: number }[],
): FeaturePage['byStratum'] {
  return summed(byGroup, parts).map((firings, at) => density(told[at]!.name, firings, told[at]!.rows))
}

function density(name: string | null, firings: number, rows: number): FeaturePage['byStratum'][number] {
  return { name, firings, rows, density: firings / Math.max(1, rows) }
}

/** The nearest features before and after it that fire. */
function beside({ columns, features }: FeatureIndex, feature: number): Pick<FeaturePage, 'before' | 'after'> {
  const next = (step: 1 | -1) => {
    let at = feature + step
    while (at >= 0 && at < features && columns.firings[at] === 0) at += step
    return at >= 0 && at < features ? at : null
  }
  return { before: next(-1), after: next(1) }
}
