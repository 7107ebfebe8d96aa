// A report as Markdown: the same pieces as text, with peaks in bold.
import { flagTitles } from '../../shared/feature-flags.ts'
import type { FeatureExample, FeaturePage } from '../../shared/features.ts'
import { activationWords, windowOf } from '../../shared/heat.ts'
import { inText, shown } from '../../shared/token-spelling.ts'
import type { ReportPart } from '../../shared/report.ts'
import { type LabRun, labTitle } from '../../shared/prompt-lab.ts'
import type { SteeringSession } from '../../shared/steering-sessions.ts'
import { formatPercent } from '../../shared/units.ts'
import type { ReportedFeature } from './piece.ts'
import { markdown } from './escape.ts'
import {
  featureRows,
  labPlaces,
  leftOutWords,
  runRows,
  sidesOf,
  toldRuns,
  trainingRows,
  trainingTitle,
} from './words.ts'
import type { ReportWriter } from './writer.ts'

const REACH = 16
const MOST_CONTEXTS = 10

export const markdownWriter: ReportWriter = {
  begin: ({ title, at, notes }) =>
    `# ${markdown(title)}\n\nMonoscope, ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC\n\n${notes.trim() === '' ? '' : `${withoutMarkup(notes.trim())}\n\n`}`,
  piece(piece, { parts }) {
    switch (piece.kind) {
      case 'heading':
        return `## ${markdown(piece.title)}\n\n${markdown(piece.note)}\n\n`
      case 'feature':
        return feature(piece.feature, parts)
      case 'training':
        return `## ${markdown(trainingTitle(piece.training.sae))}\n\n${facts(trainingRows(piece.training))}`
      case 'lab':
        return lab(piece.run, piece.labels)
      case 'session':
        return session(piece.session)
    }
  },
  end: (sources) => {
    const text = JSON.stringify(sources, undefined, 1)
    // a fence is longer than any in what it holds
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
    const fence = '`'.repeat(longest + 1)
    return `## To make it again\n\n${fence}json\n${text}\n${fence}\n`
  },
}

/** Notes are Markdown of the person's own; HTML in them stays text. */
function withoutMarkup(text: string): string {
  return text.replaceAll('<', '&lt;')
}

function feature({ label, note, page }: ReportedFeature, parts: readonly ReportPart[]): string {
  const flags = page.flags.map(({ flag }) => flagTitles[flag]).join(', ')
  return [
    `### ${page.feature}${label === null ? '' : `: ${markdown(label)}`}\n\n`,
    facts([...featureRows(page), ...(flags === '' ? [] : [['Flags', flags] as const])]),
    note && note.note.trim() !== '' ? `${withoutMarkup(note.note.trim())}\n\n` : '',
    ...(page.firings > 0 ? parts.map((part) => PARTS[part](page)) : []),
  ].join('')
}

const PARTS: Readonly<Record<ReportPart, (page: FeaturePage) => string>> = {
  contexts: ({ top }) => `Top contexts:\n\n${top.slice(0, MOST_CONTEXTS).map(context).join('')}\n`,
  // numbers of bins tell nobody anything without a picture; the JSON has them
  histogram: () => '',
  logits: ({ logits }) =>
    logits ? `Raises: ${tokens(logits.up)}  \nLowers: ${tokens(logits.down)}\n\n` : '',
  tokens: ({ tokensByMean }) => `Strongest tokens: ${tokens(tokensByMean)}\n\n`,
  densities: ({ byStratum, byLanguage }) => {
    const named = [...byStratum, ...byLanguage].filter(({ name, rows }) => name !== null && rows > 0)
    if (named.length === 0) return ''
    return `Density: ${named.map(({ name, density }) => `${markdown(name ?? '')} ${formatPercent(density)}`).join(', ')}\n\n`
  },
  neighbours: ({ near, together }) =>
    `Nearest: ${near
      .slice(0, 10)
      .map((one) => one.feature)
      .join(', ')}  \nFire together: ${together
      .slice(0, 10)
      .map((one) => one.feature)
      .join(', ')}\n\n`,
  quantiles: ({ quantiles }) =>
    quantiles
      .toReversed()
      .map(
        ({ from, to, examples }) =>
          `From ${activationWords(from)} to ${activationWords(to)}:\n\n${examples.slice(0, 2).map(context).join('')}\n`,
      )
      .join(''),
}

function context({ texts, position, from, value }: FeatureExample): string {
  const [begin, end] = windowOf(position - from, REACH, texts.length)
  const line = texts
    .slice(begin, end)
    .map((text, at) => {
      const said = markdown(inText(text))
      const bare = said.trim()
      // spaces inside of the marks would end them
      return begin + at === position - from && bare !== '' ? said.replace(bare, () => `**${bare}**`) : said
    })
    .join('')
  return `- ${line} (${activationWords(value)})\n`
}

function tokens(list: readonly { readonly text: string }[]): string {
  return list
    .slice(0, 10)
    .map(({ text }) => markdown(shown(text)))
    .join(', ')
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return `${rows.map(([name, value]) => `- ${name}: ${markdown(value)}`).join('\n')}\n\n`
}

function lab(run: LabRun, labels: ReadonlyMap<number, string>): string {
  const { means, effect } = run.measures.all
  const names = run.sides.map(({ language, name }) => markdown(language ?? name))
  const head = ['feature', 'label', ...names.map((name) => `mean, ${name}`), ...(effect ? ['d'] : [])]
  const rows = labPlaces(run).map((at) => [
    String(run.features[at]),
    markdown(labels.get(run.features[at]!) ?? ''),
    ...means.map((mean) => activationWords(mean[at]!)),
    ...(effect ? [Number.isNaN(effect[at]!) ? '' : effect[at]!.toFixed(2)] : []),
  ])
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return `## ${markdown(labTitle(run))}\n\n${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}\n`
}

function session({ name, history }: SteeringSession): string {
  const runs = toldRuns(history).map((run) => {
    const { baseline, steered } = sidesOf(run)
    const quote = ({ before, text }: typeof steered) => `> **${markdown(before)}**${markdown(text)}\n\n`
    return `${facts(runRows(run))}${quote(baseline)}${quote(steered)}`
  })
  const left = leftOutWords(history)
  return `## ${markdown(name)}\n\n${runs.join('')}${left === null ? '' : `${left}.\n\n`}`
}
