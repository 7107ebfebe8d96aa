// Features as the folder that Neuronpedia exchanges: {model}/{layer}-{set}/ with what it calls a release, a model, a source set and a source, and JSON lines of features, activations and explanations.
// Letters: D width of the model.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { HISTOGRAM_BINS, type FeatureExample, type FeaturePage } from '../../shared/features.ts'
import type { Piece, ReportedFeature, ReportedIndex } from './piece.ts'
import type { ReportHead, ReportWriter } from './writer.ts'

/** A file of the folder, whose name has its folders. */
export interface NamedWriter {
  readonly name: string
  readonly writer: ReportWriter
}

/** Bytes of lines that are compressed at once; a file of several such members is a valid gzip. */
const MEMBER = 1 << 20
/** Who made it; an importer puts its own in the place. */
const CREATOR = 'monoscope'
/** Neuronpedia's for an activation that was taken as a strongest one, and not from a part of their range. */
const NO_BIN = { binMin: -1, binMax: -1, binContains: -1 }
/** What Neuronpedia knows of a feature and an index does not have. */
const UNKNOWN = Object.fromEntries(
  [
    ...['neuron_alignment_indices', 'neuron_alignment_values', 'neuron_alignment_l1'],
    ...['correlated_neurons_indices', 'correlated_neurons_pearson', 'correlated_neurons_l1'],
    ...['correlated_features_indices', 'correlated_features_pearson', 'correlated_features_l1'],
    'decoder_weights_dist',
  ].map((name) => [name, []]),
)

/** The files of one index's features; pieces of others are passed by. */
export function neuronpediaFiles(index: ReportedIndex, { title, at }: ReportHead): NamedWriter[] {
  const { manifest } = index
  const model = slug(manifest.model.name)
  const set = `${slug(manifest.sae.id)}-${slug(manifest.harvest.id)}`
  const layer = `${/\d+/.exec(manifest.model.hook)?.[0] ?? '0'}-${set}`
  const folder = `neuronpedia/${model}/${layer}`
  const createdAt = new Date(at).toISOString()
  const made = { creatorId: CREATOR, createdAt }
  const release = slug(title)
  const place = { modelId: model, layer }
  const once = (name: string, line: Record<string, unknown>): NamedWriter => ({
    name: `${folder}/${name}.jsonl`,
    writer: { begin: () => `${JSON.stringify(line)}\n`, piece: () => '', end: () => '' },
  })
  const each = (name: string, lines: LinesOf): NamedWriter => ({
    name: `${folder}/${name}/batch-0.jsonl.gz`,
    writer: compressedLines(oncePerFeature(index, lines)),
  })
  return [
    once('release', {
      ...{ name: release, description: title, descriptionShort: title, urls: [], visibility: 'PRIVATE' },
      ...{ creatorName: CREATOR, ...made },
    }),
    once('model', {
      ...{ id: model, displayName: manifest.model.name, displayNameShort: manifest.model.name },
      ...{ owner: '', visibility: 'PRIVATE', ...made },
    }),
    once('sourceset', {
      ...{ modelId: model, name: set, releaseName: release, description: manifest.model.hook },
      ...{ type: manifest.sae.architecture, creatorName: CREATOR, urls: [], visibility: 'PRIVATE', ...made },
    }),
    once('source', {
      ...{
        id: layer,
        modelId: model,
        setName: set,
        dataset: manifest.harvest.id,
        hookName: manifest.model.hook,
      },
      ...{ num_prompts: manifest.contexts, visibility: 'PRIVATE', ...made },
    }),
    each('features', async ({ page }) => {
      const vector = Array.from((await index.direction?.(page.feature)) ?? [], round)
      return [{ ...place, ...featureOf(page, vector, index), sourceSetName: set, ...made }]
    }),
    each('activations', ({ page }) =>
      activationsOf(page).map((activation, nth) => ({
        id: cuid(`${layer} ${page.feature} ${nth}`),
        ...{ ...place, index: String(page.feature), dataSource: manifest.harvest.id, ...activation, ...made },
      })),
    ),
    each('explanations', ({ page, note }) =>
      (note?.labels ?? []).map((label, nth) => ({
        id: cuid(`${layer} ${page.feature} label ${nth}`),
        ...{ ...place, index: String(page.feature), description: label.text },
        typeName: label.method === 'hand' ? null : label.method,
        ...{
          explanationModelName: null,
          authorId: label.author,
          createdAt: new Date(label.at).toISOString(),
        },
      })),
    ),
  ]
}

/** What is written of a feature, a line each. */
type LinesOf = (feature: ReportedFeature) => readonly unknown[] | Promise<readonly unknown[]>

/** Those of the index; one that stands in several sections is written once. */
function oncePerFeature({ sae, manifest }: ReportedIndex, lines: LinesOf) {
  const written = new Set<number>()
  return (piece: Piece): ReturnType<LinesOf> => {
    if (piece.kind !== 'feature') return []
    const { page } = piece.feature
    if (piece.feature.sae !== sae || page.harvest !== manifest.harvest.id || written.has(page.feature))
      return []
    written.add(page.feature)
    return lines(piece.feature)
  }
}

/** `vector` (D) is its direction; empty where it cannot be read. */
function featureOf(page: FeaturePage, vector: readonly number[], { manifest }: ReportedIndex) {
  const { feature, max, density, histogram, logits, near } = page
  return {
    index: String(feature),
    ...{ maxActApprox: round(max), hookName: manifest.model.hook, frac_nonzero: density },
    vector,
    topkCosSimIndices: near.map((one) => one.feature),
    topkCosSimValues: near.map(({ cosine }) => round(cosine)),
    ...UNKNOWN,
    neg_str: logits?.down.map(({ text }) => text) ?? [],
    neg_values: logits?.down.map(({ value }) => round(value)) ?? [],
    pos_str: logits?.up.map(({ text }) => text) ?? [],
    pos_values: logits?.up.map(({ value }) => round(value)) ?? [],
    freq_hist_data_bar_heights: Array.from(histogram),
    freq_hist_data_bar_values: middles(0, max, histogram.length),
    logits_hist_data_bar_heights: logits ? Array.from(logits.histogram) : [],
    logits_hist_data_bar_values: logits ? middles(logits.from, logits.to, HISTOGRAM_BINS) : [],
  }
}

/** The strongest contexts, then some of each part of their range. */
function activationsOf({ top, quantiles }: FeaturePage) {
  const total = quantiles.reduce((sum, { contexts }) => sum + contexts, 0)
  return [
    ...top.map((example) => activation(example, NO_BIN)),
    ...quantiles.flatMap(({ from, to, contexts, examples }) =>
      examples.map((example) =>
        activation(example, {
          ...{ binMin: round(from), binMax: round(to), binContains: round(contexts / Math.max(1, total)) },
        }),
      ),
    ),
  ]
}

function activation(example: FeatureExample, bin: typeof NO_BIN) {
  const { texts, values, context } = example
  let least = Infinity
  let greatest = 0
  for (const [at, value] of values.entries()) {
    least = Math.min(least, value)
    if (value > values[greatest]!) greatest = at
  }
  return {
    ...{ tokens: texts, values: Array.from(values, round), dataIndex: String(context), ...bin },
    ...{ maxValue: round(values[greatest] ?? 0), maxValueTokenIndex: greatest },
    ...{ minValue: Number.isFinite(least) ? round(least) : 0, qualifyingTokenIndex: greatest },
  }
}

/** JSON lines, compressed as they come. */
function compressedLines(lines: (piece: Piece) => ReturnType<LinesOf>): ReportWriter {
  let waiting = ''
  const flush = () => {
    const member = gzipSync(waiting)
    waiting = ''
    return member
  }
  return {
    begin: () => '',
    async piece(piece) {
      for (const line of await lines(piece)) waiting += `${JSON.stringify(line)}\n`
      return waiting.length < MEMBER ? '' : flush()
    },
    // one without lines is a gzip, too
    end: flush,
  }
}

function middles(from: number, to: number, bins: number): number[] {
  return Array.from({ length: bins }, (_, bin) => round(from + ((bin + 0.5) * (to - from)) / bins))
}

/** float32 has seven digits. */
function round(value: number): number {
  return Number(value.toPrecision(7))
}

/** A name that is one folder everywhere, and part of an address. */
function slug(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
  return plain === '' ? 'report' : plain.slice(0, 80)
}

/** 25 characters, as the ids of Neuronpedia's database are; the same each time, so that an import can be repeated. */
function cuid(of: string): string {
  const number = BigInt(`0x${createHash('sha256').update(of).digest('hex')}`)
  return `c${number.toString(36).padStart(24, '0').slice(0, 24)}`
}
