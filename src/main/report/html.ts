// A report as one HTML file that needs nothing else: no script, no network, charts as SVG, tokens with their heat.
import MarkdownIt from 'markdown-it'
import { histogramOption } from '../../shared/charts/histogram-option.ts'
import { trainingOption, trainingPanels } from '../../shared/charts/training-option.ts'
import { flagTitles } from '../../shared/feature-flags.ts'
import type { FeatureExample, FeaturePage } from '../../shared/features.ts'
import { activationWords, heatOf, windowOf } from '../../shared/heat.ts'
import { inText, shown } from '../../shared/token-spelling.ts'
import { type LabRun, labTitle, relations, relationWords } from '../../shared/prompt-lab.ts'
import type { SteeringSession } from '../../shared/steering-sessions.ts'
import type { ReportPart } from '../../shared/report.ts'
import { formatPercent } from '../../shared/units.ts'
import type { ReportedFeature, ReportedTraining } from './piece.ts'
import { html } from './escape.ts'
import { SHADES, style } from './html-style.ts'
import { reportColors, svg } from './svg.ts'
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
import type { OutlinedPart, ReportWriter } from './writer.ts'

// markup in notes is text, and pictures would come from elsewhere
const notes = new MarkdownIt({ html: false, linkify: false }).disable('image')

const POLICY = "default-src 'none'; style-src 'unsafe-inline'"
/** Tokens on either side of a peak. */
const REACH = 20
const QUANTILE_EXAMPLES = 2
/** A report that refers to fewer places needs no table of contents. */
const LONG = 5

export function htmlWriter(): ReportWriter {
  /** The part that was begun last, as the outline counts them. */
  let part = -1
  return {
    begin: ({ title, at, notes: text }, outline) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer">
<title>${html(title)}</title><style>${style}</style></head><body>
<header><h1>${html(title)}</h1><p class="mute">Monoscope · ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC</p></header>
${text.trim() === '' ? '' : `<section>${notes.render(text)}</section>`}
${outlined(outline)}<main>
`,
    piece(piece, { parts }) {
      if (piece.kind !== 'feature') part++
      const id = anchor(part)
      switch (piece.kind) {
        case 'heading':
          return `<h2 id="${id}">${html(piece.title)}</h2><p class="mute">${html(piece.note)}</p>\n`
        case 'feature':
          return feature(piece.feature, parts, anchor(part, piece.feature.page.feature))
        case 'training':
          return training(piece.training, id)
        case 'lab':
          return lab(piece.run, piece.labels, id)
        case 'session':
          return session(piece.session, id)
      }
    },
    end: (sources) => `</main>
<section><h2>To make it again</h2><details><summary>Versions, contents, trainings and harvests, as JSON</summary><pre>${html(JSON.stringify(sources, undefined, 1))}</pre></details></section>
</body></html>
`,
  }
}

function anchor(part: number, feature?: number): string {
  return `part-${part + 1}${feature === undefined ? '' : `-feature-${feature}`}`
}

/** A table of contents; of what is read at a glance none. */
function outlined(outline: readonly OutlinedPart[]): string {
  const places = outline.reduce((sum, { features }) => sum + 1 + features.length, 0)
  if (places < LONG) return ''
  const items = outline.map(({ title, features }, part) => {
    const links = features.map(
      ({ feature, label }) =>
        `<li><a href="#${anchor(part, feature)}">${feature}${label === null ? '' : ` · ${html(label)}`}</a></li>`,
    )
    const below = links.length === 0 ? '' : `<ul>${links.join('')}</ul>`
    return `<li><a href="#${anchor(part)}">${html(title)}</a>${below}</li>`
  })
  return `<nav aria-label="Contents"><h2>Contents</h2><ol>${items.join('\n')}</ol></nav>\n`
}

function feature({ label, note, page }: ReportedFeature, parts: readonly ReportPart[], id: string): string {
  const flags = page.flags.map(
    ({ flag, evidence }) => `<span class="flag" title="${html(evidence)}">${flagTitles[flag]}</span>`,
  )
  const written = note && note.note.trim() !== '' ? `<blockquote>${notes.render(note.note)}</blockquote>` : ''
  const shown = page.firings > 0 ? parts.map((part) => PARTS[part](page)).join('\n') : ''
  return `<article id="${id}"><h3>${page.feature}${label === null ? '' : ` · ${html(label)}`}</h3>
${flags.length > 0 ? `<p>${flags.join('')}</p>` : ''}${facts(featureRows(page))}${written}${shown}</article>\n`
}

const PARTS: Readonly<Record<ReportPart, (page: FeaturePage) => string>> = {
  contexts: ({ top }) => `<h4>Top contexts</h4>${contexts(top, top[0]?.value ?? 0)}`,
  histogram: ({ histogram, max }) =>
    `<h4>Activations</h4>${svg(histogramOption({ counts: histogram, from: 0, to: max, unit: 'tokens', log: true }, reportColors), 420, 130)}`,
  logits: ({ logits }) =>
    logits === null
      ? ''
      : `<div class="grid">${tokens('Raises', logits.up)}${tokens('Lowers', logits.down)}</div>`,
  tokens: ({ tokensByMean, tokensByCount }) =>
    `<div class="grid">${tokens(
      'Strongest tokens, by mean',
      tokensByMean.map(({ text, mean }) => ({ text, value: mean })),
    )}${tokens(
      'Most frequent tokens, by firings',
      tokensByCount.map(({ text, firings }) => ({ text, value: firings })),
    )}</div>`,
  densities: ({ byStratum, byLanguage }) =>
    `<div class="grid">${densities('Density by domain', byStratum)}${densities('Density by language', byLanguage)}</div>`,
  neighbours: ({ near, together }) =>
    `<div class="grid">${table(
      'Nearest by direction',
      ['feature', 'cosine'],
      near.slice(0, 10).map((one) => [String(one.feature), activationWords(one.cosine)]),
    )}${table(
      'Fire together with it',
      ['feature', 'NPMI'],
      together.slice(0, 10).map((one) => [String(one.feature), activationWords(one.npmi)]),
    )}</div>`,
  quantiles: ({ quantiles, max }) =>
    quantiles
      .toReversed()
      .map(
        ({ from, to, examples }) =>
          `<h4>From ${activationWords(from)} to ${activationWords(to)}</h4>${contexts(examples.slice(0, QUANTILE_EXAMPLES), max)}`,
      )
      .join(''),
}

function contexts(examples: readonly FeatureExample[], max: number): string {
  return `<ol class="contexts">${examples.map((example) => `<li>${heat(example, max)}<small>${html([example.stratum, example.language].filter((part) => part !== null).join(' · '))} ${activationWords(example.value)}</small></li>`).join('\n')}</ol>`
}

/** Neighbours of one shade are one element. */
function heat({ texts, values, position, from }: FeatureExample, max: number): string {
  const [begin, end] = windowOf(position - from, REACH, texts.length)
  const out: string[] = []
  for (let at = begin; at < end; at++) {
    const value = values[at] ?? 0
    const shade = Math.round(heatOf(value, max) * SHADES)
    const text = html(inText(texts[at] ?? ''))
    const peak = at === position - from
    if (shade === 0) out.push(text)
    else {
      const name = peak ? 'b' : 'span'
      out.push(`<${name} class="h${shade}" title="${activationWords(value)}">${text}</${name}>`)
    }
  }
  return `<div class="text">${begin > 0 ? '… ' : ''}${out.join('')}${end < texts.length ? ' …' : ''}</div>`
}

function tokens(title: string, list: readonly { readonly text: string; readonly value: number }[]): string {
  return table(
    title,
    ['token', ''],
    list.slice(0, 10).map(({ text, value }) => [shown(text), activationWords(value)]),
  )
}

function densities(title: string, list: FeaturePage['byStratum']): string {
  if (list.every(({ name }) => name === null)) return ''
  return table(
    title,
    ['', 'density'],
    list.filter(({ rows }) => rows > 0).map(({ name, density }) => [name ?? '–', formatPercent(density)]),
  )
}

/** Columns but the first are numbers. */
function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const cell = (name: string) => (text: string, at: number) =>
    `<${name}${at > 0 ? ' class="n"' : ''}>${html(text)}</${name}>`
  return `<div>${title === '' ? '' : `<h4>${html(title)}</h4>`}<table><thead><tr>${head.map(cell('th')).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`)
    .join('\n')}</tbody></table></div>`
}

function facts(rows: readonly (readonly [string, string])[]): string {
  return `<dl>${rows.map(([name, value]) => `<dt>${html(name)}</dt><dd>${html(value)}</dd>`).join('')}</dl>`
}

function training(of: ReportedTraining, id: string): string {
  const charts = trainingPanels.slice(0, 4).flatMap((panel) => {
    if (!panel.series.some(({ of: name }) => of.curves.series[name])) return []
    const drawn = trainingOption(
      panel,
      [{ name: of.sae, curves: of.curves }],
      { log: false, smoothing: 0 },
      reportColors,
    )
    return [`<figure><h4>${html(panel.title)}</h4>${svg(drawn, 420, 170)}</figure>`]
  })
  return `<h2 id="${id}">${html(trainingTitle(of.sae))}</h2>${facts(trainingRows(of))}<div class="grid charts">${charts.join('')}</div>\n`
}

function lab(run: LabRun, labels: ReadonlyMap<number, string>, id: string): string {
  const { means, effect } = run.measures.all
  const names = run.sides.map(({ language, name }) => language ?? name)
  const head = [
    'feature',
    ...names.map((name) => `mean, ${name}`),
    ...(effect ? ['Cohen’s d'] : []),
    ...names.map((name) => `fires, ${name}`),
    ...(run.relation ? ['language'] : []),
  ]
  const rows = labPlaces(run).map((at) => [
    `${run.features[at]} ${labels.get(run.features[at]!) ?? ''}`.trim(),
    ...means.map((mean) => activationWords(mean[at]!)),
    ...(effect ? [Number.isNaN(effect[at]!) ? '–' : effect[at]!.toFixed(2)] : []),
    ...run.shares.map((share) => formatPercent(share[at]!)),
    ...(run.relation ? [relationWords(run, relations[run.relation[at]!]!)] : []),
  ])
  return `<h2 id="${id}">${html(labTitle(run))}</h2><p class="mute">Prompt lab · SAE ${html(run.sae.id)} · ${run.features.length} features fired; mean over all tokens of each prompt</p>${table('', head, rows)}\n`
}

function session({ name, setup, history }: SteeringSession, id: string): string {
  const runs = toldRuns(history).map((run) => {
    const { baseline, steered } = sidesOf(run)
    const column = (title: string, { before, text }: typeof steered) =>
      `<div><h4>${title}</h4><div class="text"><b>${html(before)}</b>${html(text)}</div></div>`
    return `<article>${facts(runRows(run))}<div class="grid">${column('Baseline', baseline)}${column('Steered', steered)}</div></article>`
  })
  const left = leftOutWords(history)
  return `<h2 id="${id}">${html(name)}</h2><p class="mute">Steering session · SAE ${html(setup.sae)}${left === null ? '' : ` · ${left}`}</p>${runs.join('\n') || '<p>Nothing was generated yet.</p>'}\n`
}
