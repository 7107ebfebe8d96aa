// An index of features: what it is asked for, field by field, and what its job ends with.
import { z } from 'zod'
import { field } from './config.ts'

export const indexConfigSchema = z.object({
  sae: field(z.string().min(1), {
    label: 'SAE',
    help: 'Id of an SAE, the beginning of one, or the path of its folder.',
    input: 'sae',
  }),
  harvest: field(z.string().min(1).optional(), {
    label: 'Harvest',
    help: 'Whose rows are indexed; by default the one it was trained on.',
    input: 'harvest',
  }),
  maxRows: field(z.number().int().min(1).default(10_000_000), {
    label: 'Most rows',
    help: 'Of a larger harvest, contexts are drawn evenly until about so many rows are reached.',
    unit: 'rows',
  }),
  model: field(z.string().min(1).optional(), {
    label: 'Model',
    help: 'Where the model is now, when it is not where it was; without it there are no logit effects.',
    input: 'model',
  }),
  anyName: field(z.boolean().default(false), {
    label: 'Any name',
    help: 'Take an SAE from elsewhere although it names its model otherwise; width and hook must be the same.',
  }),
})

export const indexResultSchema = z.object({
  sae: z.string(),
  harvest: z.string(),
  path: z.string(),
  features: z.number().int(),
  alive: z.number().int(),
  rows: z.number().int(),
  contexts: z.number().int(),
  codes: z.number().int(),
  bytes: z.number(),
})
