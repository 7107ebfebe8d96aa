// What a report is asked to hold, as fields of a form and flags of a command; and what comes of it.
import { z } from 'zod'
import { field } from './config.ts'
import {
  contentsIn,
  numbersIn,
  type ReportFormat,
  reportFormats,
  type ReportPart,
  reportParts,
  type ReportSection,
  reportSectionSchema,
  usualParts,
} from './report.ts'

const text = z.string().min(1).optional()
/** Words of a choice, with commas between. */
const words = (choices: readonly string[], initial: readonly string[]) =>
  z
    .string()
    .default(initial.join(','))
    .refine(
      (value) => wordsIn(value).length > 0 && wordsIn(value).every((word) => choices.includes(word)),
      `Some of ${choices.join(', ')}, with commas between`,
    )

/** Notes are not longer than a person writes. */
const MOST_NOTES = 200_000

export const reportConfigSchema = z.object({
  title: field(z.string().trim().min(1).max(200).default('Report'), {
    label: 'Title',
    help: 'What stands at its head.',
  }),
  sae: field(text, { label: 'SAE', help: 'Whose features the next fields mean.', input: 'sae' }),
  harvest: field(text, {
    label: 'Harvest',
    help: 'Whose index they are read from; by default the newest.',
    input: 'harvest',
  }),
  features: field(text, { label: 'Features', help: 'Their numbers, with commas between: 12,345.' }),
  list: field(text, { label: 'List', help: 'The features of this list.' }),
  top: field(z.number().int().min(1).max(65_536).optional(), {
    label: 'Top features',
    help: 'So many features with the greatest maxima that are neither dead nor dense.',
  }),
  training: field(z.boolean().default(false), {
    label: 'Training',
    help: 'How the SAE was trained, with its curves.',
  }),
  session: field(text, { label: 'Session', help: 'The id of a steering session.' }),
  lab: field(text, { label: 'Prompt lab', help: 'The id of a run of the prompt lab.' }),
  contents: field(z.string().default(''), {
    label: 'Contents',
    help: 'More entries in order, with semicolons between: features SAE/HARVEST 1,2; list SAE NAME; top SAE 20; training SAE; lab RUN; session ID.',
  }),
  notes: field(z.string().max(MOST_NOTES).default(''), {
    label: 'Notes',
    help: 'Markdown that stands before the contents.',
  }),
  parts: field(words(reportParts, usualParts), {
    label: 'Parts of a feature',
    help: `Some of ${reportParts.join(', ')}, with commas between.`,
  }),
  formats: field(words(reportFormats, ['html']), {
    label: 'Formats',
    help: `Some of ${reportFormats.join(', ')}, with commas between.`,
  }),
  out: field(text, {
    label: 'Copy to',
    help: 'A file, or with several formats a folder, that must not exist yet; it is kept in the workspace in any case.',
    input: 'path',
  }),
})
export type ReportConfig = z.output<typeof reportConfigSchema>

const reportResultSchema = z.object({
  id: z.string(),
  /** The copy that was asked for, else the folder in the workspace. */
  path: z.string(),
  features: z.number().int(),
  bytes: z.number(),
})

/** The job that writes one. */
export const reportKind = {
  title: 'Write a report',
  help: 'Writes features, feature lists, trainings, prompt-lab tables and steering sessions into files that stand alone.',
  arguments: [],
  needsDevice: false,
  needsHub: false,
  steps: () => ['Writing'],
  params: reportConfigSchema,
  result: reportResultSchema,
  describe: ({ title }: ReportConfig) => `Report ${title}`,
}

function wordsIn(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== '')
}

export function partsOf({ parts }: Pick<ReportConfig, 'parts'>): ReportPart[] {
  const wanted = wordsIn(parts)
  return reportParts.filter((part) => wanted.includes(part))
}

export function formatsOf({ formats }: Pick<ReportConfig, 'formats'>): ReportFormat[] {
  const wanted = wordsIn(formats)
  return reportFormats.filter((format) => wanted.includes(format))
}

/** What the fields ask for, in order; or what is wrong with them. */
export function sectionsOf(
  config: ReportConfig,
): { readonly sections: ReportSection[] } | { readonly problem: string } {
  const { sae, harvest, features, list, top, training, session, lab } = config
  if (sae === undefined && (features ?? list ?? top ?? (training || undefined)) !== undefined) {
    return { problem: 'Features and trainings are of an SAE, which is not named.' }
  }
  const place = { sae, ...(harvest !== undefined && { harvest }) }
  const asked: unknown[] = [
    ...(features === undefined ? [] : [{ kind: 'features', ...place, features: numbersIn(features) }]),
    ...(list === undefined ? [] : [{ kind: 'list', ...place, name: list }]),
    ...(top === undefined ? [] : [{ kind: 'top', ...place, count: top }]),
    ...(training ? [{ kind: 'training', sae }] : []),
    ...(lab === undefined ? [] : [{ kind: 'lab', run: lab }]),
    ...(session === undefined ? [] : [{ kind: 'session', session }]),
  ]
  const parsed = reportSectionSchema.array().safeParse(asked)
  if (!parsed.success) return { problem: 'Features are numbers with commas between, and ids have no spaces.' }
  const more = contentsIn(config.contents)
  return 'problem' in more ? more : { sections: [...parsed.data, ...more.sections] }
}
