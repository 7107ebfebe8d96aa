// Commands about features: which indexes there are, features by the text of contexts, and everything on one. Indexing is a job.
import { Argument, type Command, InvalidArgumentError } from 'commander'
import { flagsOf, flagTitles } from '../../shared/feature-flags.ts'
import type { FeatureExample, FeaturePage, IndexPlace } from '../../shared/features.ts'
import type { RankedFeature } from '../../shared/feature-search.ts'
import { formatBytes, formatCount, formatPercent } from '../../shared/units.ts'
import { artifactOf, upTo } from './flags.ts'
import type { Action, Options } from './action.ts'

export function addFeatureCommands(program: Command, action: Action): void {
  program
    .command('indexes')
    .description('List the feature indexes of an SAE, newest first.')
    .requiredOption('--sae <sae>', 'id of an SAE, the beginning of one, or its folder')
    .action(
      action(async ({ client, output }, { sae }) => {
        const indexes = await client.call('features.indexes', { sae: artifactOf(String(sae)) })
        output.result(
          { indexes },
          indexes.length === 0
            ? ['No index yet: "monoscope index --sae S" makes one.']
            : indexes.flatMap(({ harvest, state, bytes, manifest, problem, missing }) => [
                [
                  ...[harvest, state, formatBytes(bytes)],
                  ...(manifest
                    ? [`${formatCount(manifest.alive)} of ${formatCount(manifest.sae.features)} alive`]
                    : []),
                  ...(problem === null ? [] : [problem]),
                ].join('  '),
                ...missing.map(({ text }) => `  ${text}`),
              ]),
        )
      }),
    )

  program
    .command('search')
    .description('Features that fire on a text more often than elsewhere, by the contexts of a harvest.')
    .addArgument(new Argument('<text...>', 'words, "phrases", beginnings*, *parts*, OR, -without, ( )'))
    .requiredOption('--sae <sae>', 'id of an SAE, the beginning of one, or its folder')
    .option('--harvest <harvest>', 'which of its indexes; by default the newest')
    .option('--limit <features>', 'how many features, at most 500', upTo(500), 20)
    .option('--contexts <contexts>', 'how many contexts, at most 500', upTo(500), 5)
    .action(
      action(async ({ client, output }, options, [text]) => {
        const words: unknown = text
        const found = await client.call('features.search', {
          ...placeOf(options),
          text: Array.isArray(words) ? words.join(' ') : String(words),
          ...{ features: Number(options.limit), contexts: Number(options.contexts) },
        })
        const { contexts, features, compared, rows, milliseconds } = found
        output.result(
          {
            results: features.map(({ examples, ...feature }) => ({
              ...{
                ...feature,
                flags: flagsOf(feature.flags),
                example: examples[0] ? marked(examples[0]) : null,
              },
            })),
            contexts: contexts.hits.map(({ context, score, excerpt }) => ({ context, score, excerpt })),
            ...{ matches: contexts.matches, compared, rows, milliseconds },
          },
          [
            `${formatCount(contexts.matches)} contexts match; the ${formatCount(compared)} best were compared, ${Math.round(milliseconds)} ms.`,
            ...contexts.hits.map(({ context, excerpt }) => `  ${context}  ${oneLine(excerpt)}`),
            ...features.map(rankedLine),
          ],
        )
      }),
    )

  program
    .command('feature')
    .description(
      'Everything on one feature: where it fires, on what, beside which others, and what it writes.',
    )
    .addArgument(new Argument('<number>', 'number of the feature').argParser(featureNumber))
    .requiredOption('--sae <sae>', 'id of an SAE, the beginning of one, or its folder')
    .option('--harvest <harvest>', 'which of its indexes; by default the newest')
    .action(
      action(async ({ client, output }, options, [number]) => {
        const place = placeOf(options)
        const page = await client.call('features.feature', { ...place, feature: Number(number) })
        const notes = await client.call('features.notes', { sae: place.sae })
        const note = notes.find(({ feature }) => feature === page.feature) ?? null
        const { top, ...rest } = page
        const plain = JSON.parse(JSON.stringify({ ...rest, note, examples: top }, plainArrays)) as object
        output.result(plain, pageLines(page, note?.labels[0]?.text ?? null))
      }),
    )
}

function placeOf({ sae, harvest }: Options): IndexPlace {
  return {
    sae: artifactOf(String(sae)),
    ...(harvest !== undefined && { harvest: artifactOf(String(harvest)) }),
  }
}

function featureNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

/** JSON has no typed arrays. */
function plainArrays(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value
}

function rankedLine(ranked: RankedFeature): string {
  const { feature, label, token, found, lift, score, reach, flags, examples } = ranked
  const what = label ?? `“${oneLine(token)}”`
  const facts = `z ${score.toFixed(1)}, ${found} rows, ${lift.toFixed(lift < 10 ? 1 : 0)} × as often, at ${formatPercent(reach)} of its maximum`
  const told = flagsOf(flags).map((flag) => flagTitles[flag])
  const example = examples[0] ? marked(examples[0]) : ''
  return `${String(feature).padStart(6)}  ${[what, facts, ...told].join('  ')}\n        ${example}`
}

/** Tokens on either side. */
const AROUND = 10

/** The tokens around the strongest one, which is between brackets. */
function marked({ texts, from, position }: FeatureExample): string {
  const place = position - from
  const text = texts.slice(Math.max(0, place - AROUND), place + AROUND + 1)
  const at = place - Math.max(0, place - AROUND)
  return oneLine(text.map((piece, index) => (index === at ? `[${piece}]` : piece)).join(''))
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ')
}

function pageLines(page: FeaturePage, label: string | null): string[] {
  const { feature, density, firings, contexts, max, mean, flags, unknown, top, near, together } = page
  const densest = page.byStratum.toSorted((a, b) => b.density - a.density)
  return [
    `Feature ${feature}${label === null ? '' : `: ${label}`}`,
    `  fires in ${formatPercent(density)} of the rows (${formatCount(firings)}, in ${formatCount(contexts)} contexts), at most ${max.toPrecision(4)}, ${mean.toPrecision(4)} on average`,
    ...flags.map(({ flag, evidence }) => `  ${flagTitles[flag]}: ${evidence}`),
    ...unknown.map((text) => `  ${text}`),
    `  by domain: ${densest.map(({ name, density: share }) => `${name ?? 'none'} ${formatPercent(share)}`).join(', ')}`,
    `  strongest on: ${page.tokensByMean
      .slice(0, 10)
      .map(({ text }) => `“${oneLine(text)}”`)
      .join(' ')}`,
    ...(page.logits
      ? [
          `  raises: ${page.logits.up.map(({ text }) => `“${oneLine(text)}”`).join(' ')}`,
          `  lowers: ${page.logits.down.map(({ text }) => `“${oneLine(text)}”`).join(' ')}`,
        ]
      : []),
    `  same direction: ${near
      .slice(0, 8)
      .map((one) => `${one.feature} (${one.cosine.toFixed(2)})`)
      .join(', ')}`,
    `  fires with: ${together
      .slice(0, 8)
      .map((one) => `${one.feature} (${one.npmi.toFixed(2)})`)
      .join(', ')}`,
    ...top.slice(0, 10).map((example) => `  ${example.value.toPrecision(3).padStart(6)}  ${marked(example)}`),
  ]
}
