// Sparse autoencoders: their variants, and what training is asked for, field by field.
import { z } from 'zod'
import { field } from './config.ts'
import { expected } from './errors.ts'
import { harvestConfigSchema } from './harvest.ts'
import { seed } from './schema-parts.ts'

export const variantIds = [
  'topk',
  'batchtopk',
  'matryoshka',
  'relu-l1',
  'relu-l1-unit',
  'jumprelu',
  'gated',
  'switch',
] as const
export type VariantId = (typeof variantIds)[number]

/** Every knob of every variant; each reads its own. */
export interface VariantOptions {
  /** λ of the L1 penalty (relu-l1, relu-l1-unit, gated). */
  readonly l1: number
  /** Active features of a row, of a batch on average (topk, batchtopk, matryoshka, switch). */
  readonly k: number
  /** How many dead features try to explain the error, and the weight of that term (topk, batchtopk, matryoshka). */
  readonly kAux: number
  readonly auxCoefficient: number
  /** How many features the nested dictionaries have, ascending; the last is F (matryoshka). */
  readonly widths: readonly number[]
  /** Weight of the mean L0, or of its distance from the target (jumprelu). */
  readonly l0Coefficient: number
  readonly targetL0: number | null
  /** Width of the kernel of the straight-through estimate (jumprelu). */
  readonly bandwidth: number
  /** Of F / experts features each (switch). */
  readonly experts: number
  /** Weight of the term that spreads rows over the experts (switch). */
  readonly balance: number
}

/** What a sweep may turn. */
export type SweepKnob = 'k' | 'l1' | 'l0Coefficient' | 'targetL0'
const number = String.raw`\s*\d+(\.\d+)?(e[+-]?\d+)?\s*`
const sweepPattern = new RegExp(`^\\s*(k|l1|l0Coefficient|targetL0)\\s*=${number}(,${number}){1,15}$`)

const harvest = harvestConfigSchema.shape

function onlyLive<S extends z.ZodType>(schema: S): S {
  return schema.meta({ ...schema.meta(), appliesTo: { field: 'live', values: [true] } })
}

/** Flat, so that form and flags derive from it. */
export const trainConfigSchema = z.object({
  harvest: field(z.string().min(1).optional(), {
    label: 'Harvest',
    appliesTo: { field: 'live', values: [false] },
    help: 'Id of a harvest, the beginning of one, or the path of its folder; not for live training.',
    input: 'harvest',
  }),
  live: field(z.boolean().default(false), {
    label: 'Live',
    help: 'Rows come from the model while it reads a corpus, and are stored nowhere; no harvest is needed.',
  }),
  model: field(z.string().min(1).optional(), {
    label: 'Model',
    appliesTo: { field: 'live', values: [true] },
    help: 'Live: id of a model, the beginning of one, or a folder with a checkpoint.',
    input: 'model',
  }),
  corpus: field(z.string().min(1).optional(), {
    label: 'Corpus',
    appliesTo: { field: 'live', values: [true] },
    help: 'Live: a folder, a file, or a data set of the Hugging Face Hub, as a harvest reads it.',
    input: 'path',
  }),
  layer: field(z.number().int().min(0).optional(), {
    label: 'Layer',
    appliesTo: { field: 'live', values: [true] },
    help: 'Live: zero-based, the residual stream after this block.',
  }),
  contextLength: field(z.number().int().min(2).max(65_535).default(128), {
    label: 'Context length',
    appliesTo: { field: 'live', values: [true] },
    help: 'Live: how many tokens the model sees at once, the one that begins a text included.',
    unit: 'tokens',
  }),
  contexts: field(z.number().int().min(1).max(1024).default(8), {
    label: 'Contexts',
    appliesTo: { field: 'live', values: [true] },
    help: 'Live: how many contexts the model reads in one run.',
    unit: 'contexts',
  }),
  sample: onlyLive(harvest.sample),
  textField: onlyLive(harvest.textField),
  variant: field(z.enum(variantIds).default('topk'), {
    label: 'Variant',
    help: 'How codes are made sparse; topk is the easiest to get right.',
  }),
  width: field(z.number().int().min(8).default(4608), {
    label: 'Width',
    help: 'How many features the dictionary has; usually eight times the model’s width, or more.',
    unit: 'features',
  }),
  tokens: field(z.number().int().min(1).default(2_000_000), {
    label: 'Tokens',
    help: 'How many rows training reads, passing over the harvest as often as that takes.',
    unit: 'rows',
  }),
  batch: field(z.number().int().min(8).default(4096), {
    label: 'Batch',
    help: 'Rows of a step, in training and in validation alike.',
    unit: 'rows',
  }),
  rate: field(z.number().gt(0).max(1).default(1e-3), {
    label: 'Learning rate',
    help: 'Of Adam, at its highest.',
  }),
  warmup: field(z.number().int().min(0).default(100), {
    label: 'Warm-up',
    help: 'Steps in which the learning rate rises from zero.',
    unit: 'steps',
  }),
  decay: field(z.enum(['none', 'linear', 'cosine']).default('linear'), {
    label: 'Decay',
    help: 'How the learning rate falls to zero at the end.',
  }),
  decayShare: field(z.number().min(0).max(1).default(0.2), {
    label: 'Decay share',
    help: 'Over which share of the steps, the last, it falls.',
  }),
  sparsityWarmup: field(z.number().int().min(0).default(200), {
    label: 'Sparsity warm-up',
    appliesTo: { field: 'variant', values: ['relu-l1', 'relu-l1-unit', 'gated', 'jumprelu', 'switch'] },
    help: 'Steps in which the sparsity term rises from zero.',
    unit: 'steps',
  }),
  k: field(z.number().int().min(1).default(32), {
    label: 'k',
    appliesTo: { field: 'variant', values: ['topk', 'batchtopk', 'matryoshka', 'switch'] },
    help: 'Active features of a row, or of a batch on average (topk, batchtopk, matryoshka, switch).',
    unit: 'features',
  }),
  l1: field(z.number().min(0).default(0.1), {
    label: 'λ',
    appliesTo: { field: 'variant', values: ['relu-l1', 'relu-l1-unit', 'gated'] },
    help: 'Weight of the L1 penalty (relu-l1, relu-l1-unit, gated).',
  }),
  l0Coefficient: field(z.number().min(0).default(1), {
    label: 'L0 coefficient',
    appliesTo: { field: 'variant', values: ['jumprelu'] },
    help: 'Weight of the mean L0, or of its squared distance from the target (jumprelu).',
  }),
  targetL0: field(z.number().gt(0).optional(), {
    label: 'Target L0',
    appliesTo: { field: 'variant', values: ['jumprelu'] },
    help: 'Active features of a row to aim at; without it their number itself is the penalty (jumprelu).',
    unit: 'features',
  }),
  bandwidth: field(z.number().gt(0).default(0.05), {
    label: 'Bandwidth',
    appliesTo: { field: 'variant', values: ['jumprelu'] },
    help: 'How near a threshold an activation must be to move it (jumprelu).',
  }),
  sweep: field(
    z
      .string()
      .regex(sweepPattern, 'Write it as k=16,24,32: a knob, and from two to sixteen values')
      .optional(),
    {
      label: 'Sweep',
      help: 'Several SAEs from one pass over the data, each with another value: k=16,24,32; or l1, l0Coefficient, targetL0.',
    },
  ),
  auxCoefficient: field(
    z
      .number()
      .min(0)
      .default(1 / 32),
    {
      label: 'AuxK',
      appliesTo: { field: 'variant', values: ['topk', 'batchtopk', 'matryoshka'] },
      help: 'Weight of the term by which dead features explain what is left over (topk, batchtopk, matryoshka).',
    },
  ),
  experts: field(z.number().int().min(1).default(8), {
    label: 'Experts',
    appliesTo: { field: 'variant', values: ['switch'] },
    help: 'Into how many parts the width is divided (switch).',
  }),
  balance: field(z.number().min(0).default(3), {
    label: 'Balance',
    appliesTo: { field: 'variant', values: ['switch'] },
    help: 'Weight of the term that spreads rows over the experts (switch).',
  }),
  deadAfter: field(z.number().int().min(1).default(500_000), {
    label: 'Dead after',
    help: 'Rows without firing after which a feature counts as dead.',
    unit: 'rows',
  }),
  resampleEvery: field(z.number().int().min(0).default(0), {
    label: 'Resample every',
    help: 'Steps after which dead features begin anew at rows that are explained badly, in the first half of training; 0 never does.',
    unit: 'steps',
  }),
  clip: field(z.number().gt(0).default(1), {
    label: 'Gradient clipping',
    help: 'The global norm that gradients are scaled down to.',
  }),
  moments: field(z.enum(['auto', 'float32', 'float16']).default('auto'), {
    label: 'Adam moments',
    help: 'Their precision; auto takes 16 bits only where 32 do not fit.',
  }),
  validateEvery: field(z.number().int().min(1).default(200), {
    label: 'Validate every',
    help: 'Steps after which the validation rows are measured.',
    unit: 'steps',
  }),
  checkpointMinutes: field(z.number().gt(0).default(5), {
    label: 'Checkpoint every',
    help: 'How much work an interruption may cost.',
    unit: 'min',
  }),
  seed: field(seed.default(0), {
    label: 'Seed',
    help: 'The same seed gives the same initial weights and order of rows.',
  }),
})
export type TrainConfig = z.output<typeof trainConfigSchema>

/** Shares of the width that the nested dictionaries of a Matryoshka have (Karvonen et al., SAEBench). */
const nestedShares = [1 / 32, 3 / 32, 7 / 32, 15 / 32]

/** What a variant is told, for a model of width D. Throws `sae/options` for what cannot be. */
export function variantOptions(config: TrainConfig, D: number): VariantOptions {
  const { width: F, experts } = config
  refuseImpossible(config)
  const widths = [...new Set(nestedShares.map((share) => Math.max(1, Math.round(share * F))))]
  return {
    ...{
      l1: config.l1,
      k: config.k,
      kAux: Math.min(F, Math.ceil(D / 2)),
      auxCoefficient: config.auxCoefficient,
    },
    widths: [...widths.filter((width) => width < F), F],
    ...{
      l0Coefficient: config.l0Coefficient,
      targetL0: config.targetL0 ?? null,
      bandwidth: config.bandwidth,
    },
    ...{ experts, balance: config.balance },
  }
}

function refuseImpossible({ variant, width, k, experts }: TrainConfig): void {
  if (variant === 'switch' && width % experts !== 0) {
    throw expected(
      'sae/options',
      `A width of ${width} cannot be divided into ${experts} experts of one size.`,
      `Choose a width that is a multiple of ${experts}.`,
    )
  }
  const chosenFrom = variant === 'switch' ? width / experts : width
  const hasK = ['topk', 'batchtopk', 'matryoshka', 'switch'].includes(variant)
  if (hasK && k > chosenFrom) {
    throw expected(
      'sae/options',
      `k is ${k}, and a row has only ${chosenFrom} features to choose from.`,
      'Choose a smaller k or a larger width.',
    )
  }
}
