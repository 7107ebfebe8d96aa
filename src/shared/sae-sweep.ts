// A sweep: several SAEs that differ in one knob, trained side by side on the same rows.
import { expected } from './errors.ts'
import { issueText } from './config.ts'
import { type SweepKnob, type TrainConfig, trainConfigSchema, type VariantId } from './sae.ts'

export interface SweepMember {
  /** As the same SAE would be trained alone. */
  readonly config: TrainConfig
  /** "k = 16"; null for an SAE that is trained alone. */
  readonly name: string | null
}

const readers: Readonly<Record<SweepKnob, readonly VariantId[]>> = {
  k: ['topk', 'batchtopk', 'matryoshka', 'switch'],
  l1: ['relu-l1', 'relu-l1-unit', 'gated'],
  l0Coefficient: ['jumprelu'],
  targetL0: ['jumprelu'],
}

/** The SAEs of a training, one where nothing is swept. Throws `sae/options` for what cannot be. */
export function membersOf({ sweep, ...config }: TrainConfig): SweepMember[] {
  if (sweep === undefined) return [{ config, name: null }]
  const { knob, values } = parsed(sweep)
  if (!readers[knob].includes(config.variant)) {
    throw expected(
      'sae/options',
      `${knob} means nothing to ${config.variant}, so a sweep over it would train the same SAE ${values.length} times.`,
      `Sweep what ${config.variant} reads: ${knobsOf(config.variant).join(' or ')}.`,
    )
  }
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  if (twice !== undefined)
    throw expected('sae/options', `The sweep has ${knob} = ${twice} twice.`, 'Leave one of them out.')
  return values.map((value) => {
    const member = trainConfigSchema.safeParse({ ...config, [knob]: value })
    if (member.success) return { config: member.data, name: `${knob} = ${value}` }
    throw expected('sae/options', `${issueText(member.error)}.`, 'Correct the value in the sweep.')
  })
}

/** Ids of the SAEs that a job trains: its own, or with the number of each behind it. */
export function memberIds(job: string, { sweep }: Pick<TrainConfig, 'sweep'>): string[] {
  if (sweep === undefined) return [job]
  return parsed(sweep).values.map((_, index) => `${job}-${index + 1}`)
}

function parsed(sweep: string): { readonly knob: SweepKnob; readonly values: readonly number[] } {
  const [knob, values] = sweep.split('=') as [string, string]
  return { knob: knob.trim() as SweepKnob, values: values.split(',').map(Number) }
}

function knobsOf(variant: VariantId): SweepKnob[] {
  return (Object.keys(readers) as SweepKnob[]).filter((knob) => readers[knob].includes(variant))
}
