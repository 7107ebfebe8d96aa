// What the sparsity doctor finds wrong with a training run: its diagnoses by name, and how one is told.
import { z } from 'zod'
import { fieldsOf } from './config.ts'
import { harvestConfigSchema } from './harvest.ts'
import { trainConfigSchema } from './sae.ts'

/** In the order in which they are told: a cause before what follows from it. */
export const findingIds = [
  'l0-collapsed',
  'l0-saturated',
  'sparsity-idle',
  'dead-growing',
  'dense-features',
  'norm-drift',
  'marks-dominate',
  'rows-awaited',
] as const
export type FindingId = (typeof findingIds)[number]

export const findingTitles: Readonly<Record<FindingId, string>> = {
  'l0-collapsed': 'Hardly anything fires',
  'l0-saturated': 'Too much fires to be sparse',
  'sparsity-idle': 'The sparsity term does not bite',
  'dead-growing': 'Too many features are dead',
  'dense-features': 'Few features do most of the firing',
  'norm-drift': 'Reconstructions have the wrong length',
  'marks-dominate': 'Punctuation takes more than its share',
  'rows-awaited': 'Training waits for its rows',
}

export const findingSchema = z.object({
  id: z.enum(findingIds),
  /** `serious`: what comes of the run is no use as it is; `warning`: it could be better. */
  severity: z.enum(['warning', 'serious']),
  /** The first step of those, without a gap, after which it was found. */
  since: z.number().int(),
  /** The numbers, and the steps they are from. */
  evidence: z.string(),
  /** The field of the training to turn, or `harvest.` and one of the harvest. */
  knob: z.string(),
  /** What to do with it. */
  advice: z.string(),
})
export type Finding = z.infer<typeof findingSchema>

export const checkupSchema = z.object({
  /** The last checkup's; null before the first. */
  step: z.number().int().nullable(),
  findings: z.array(findingSchema),
})
export type Checkup = z.infer<typeof checkupSchema>

/** "λ (l1)", "Frequency cap of the harvest (frequencyCap)". */
export function knobWords(knob: string): string {
  const ofHarvest = knob.startsWith('harvest.')
  const name = ofHarvest ? knob.slice('harvest.'.length) : knob
  const fields = fieldsOf(ofHarvest ? harvestConfigSchema : trainConfigSchema)
  const label = fields.find((field) => field.name === name)?.label ?? name
  return `${label}${ofHarvest ? ' of the harvest' : ''} (${name})`
}

/** A finding in a line, as a log and a terminal have it. */
export function findingText({ id, evidence, knob, advice }: Omit<Finding, 'since'>): string {
  return `${findingTitles[id]}: ${evidence} ${advice} Knob: ${knobWords(knob)}.`
}
