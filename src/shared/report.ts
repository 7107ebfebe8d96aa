// What a report is made of: its contents in order, the parts of a feature, and the formats it is written in.
import { z } from 'zod'

/** Parts of a feature that can be included, in the order they stand in. */
export const reportParts = [
  'contexts',
  'histogram',
  'logits',
  'tokens',
  'densities',
  'neighbours',
  'quantiles',
] as const
export type ReportPart = (typeof reportParts)[number]
/** Those that are included unless others are chosen. */
export const usualParts: ReportPart[] = reportParts.filter((part) => part !== 'quantiles')
export const partNames: Readonly<Record<ReportPart, string>> = {
  contexts: 'Top contexts',
  histogram: 'Histogram of activations',
  logits: 'Tokens it raises and lowers',
  tokens: 'Strongest tokens',
  densities: 'Density by domain and language',
  neighbours: 'Neighbours',
  quantiles: 'Contexts by strength',
}

export const reportFormats = ['html', 'json', 'csv', 'md', 'parquet', 'neuronpedia'] as const
export type ReportFormat = (typeof reportFormats)[number]
export const formatNames: Readonly<Record<ReportFormat, string>> = {
  html: 'HTML',
  json: 'JSON',
  csv: 'CSV',
  md: 'Markdown',
  parquet: 'Parquet',
  neuronpedia: 'Neuronpedia folder',
}

const id = z.string().regex(/^[^\s;/]+$/, 'An id has no spaces.')
const index = { sae: id, harvest: id.optional() }
const features = z.array(z.number().int().nonnegative()).min(1).max(65_536)

/** One entry of the contents. Without a harvest the newest index of the SAE is meant. */
export const reportSectionSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('features'), ...index, features }),
  /** The features of a list that a person made. */
  z.object({ kind: z.literal('list'), ...index, name: z.string().min(1).max(80) }),
  /** So many features with the greatest maxima that are neither dead nor dense. */
  z.object({ kind: z.literal('top'), ...index, count: z.number().int().min(1).max(65_536) }),
  z.object({ kind: z.literal('training'), sae: id }),
  /** A saved run of the prompt lab. */
  z.object({ kind: z.literal('lab'), run: id }),
  z.object({ kind: z.literal('session'), session: id }),
])
export type ReportSection = z.infer<typeof reportSectionSchema>

/**
 * Contents as a text, an entry a line or between semicolons: "features SAE/HARVEST 1,2,3", "list SAE NAME",
 * "top SAE 20", "training SAE", "lab RUN", "session ID". In names "%", ";" and line ends are percent-encoded.
 */
export function contentsText(sections: readonly ReportSection[]): string {
  return sections.map(sectionText).join('\n')
}

function sectionText(section: ReportSection): string {
  switch (section.kind) {
    case 'features':
      return `features ${placeText(section)} ${section.features.join(',')}`
    case 'list':
      return `list ${placeText(section)} ${section.name.replaceAll(/[%;\r\n]/g, encodeURIComponent)}`
    case 'top':
      return `top ${placeText(section)} ${section.count}`
    case 'training':
      return `training ${section.sae}`
    case 'lab':
      return `lab ${section.run}`
    case 'session':
      return `session ${section.session}`
  }
}

function placeText({ sae, harvest }: { readonly sae: string; readonly harvest?: string | undefined }) {
  return harvest === undefined ? sae : `${sae}/${harvest}`
}

/** The contents a text means, or what is wrong with it. */
export function contentsIn(
  text: string,
): { readonly sections: ReportSection[] } | { readonly problem: string } {
  const sections: ReportSection[] = []
  for (const line of text.split(/[;\n]/).map((entry) => entry.trim())) {
    if (line === '') continue
    const parsed = reportSectionSchema.safeParse(sectionIn(line))
    if (!parsed.success) return { problem: `“${line.slice(0, 80)}” is no entry of a report.` }
    sections.push(parsed.data)
  }
  return { sections }
}

function sectionIn(line: string): unknown {
  const [kind = '', first = '', ...others] = line.split(/\s+/)
  const [sae, harvest] = first.split('/')
  const place = { sae, ...(harvest !== undefined && { harvest }) }
  const rest = others.join(' ')
  switch (kind) {
    case 'features':
      return { kind, ...place, features: numbersIn(rest) }
    case 'list':
      return { kind, ...place, name: decoded(rest) }
    case 'top':
      return { kind, ...place, count: Number(rest) }
    case 'training':
      return { kind, sae: first }
    case 'lab':
      return { kind, run: first }
    case 'session':
      return { kind, session: first }
    default:
      return null
  }
}

/** "1, 2 3" */
export function numbersIn(text: string): number[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map(Number)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The manifest of a finished report, as its folder has it. */
export const reportManifestSchema = z.object({
  kind: z.literal('report'),
  format: z.literal(1),
  title: z.string(),
  /** When it was finished; milliseconds since the epoch. */
  at: z.number(),
  /** Of everything that is in it. */
  features: z.number().int(),
  sections: z.number().int(),
  files: z.array(z.object({ name: z.string(), format: z.enum(reportFormats), bytes: z.number() })),
})
export type ReportManifest = z.infer<typeof reportManifestSchema>

/** A report of the workspace. */
export const reportSchema = z.object({
  /** The name of its folder, and the id of the job that made it. */
  id: z.string(),
  path: z.string(),
  bytes: z.number(),
  manifest: reportManifestSchema,
})
export type Report = z.infer<typeof reportSchema>
