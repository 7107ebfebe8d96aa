// Jobs that make a harvest, and that verify one.
import { z } from 'zod'
import { field } from '../config.ts'
import { harvestConfigSchema } from '../harvest.ts'
import { jobKind } from './kind.ts'

export const harvestKinds = {
  harvest: jobKind({
    title: 'Harvest activations',
    help: 'Streams a corpus through a model, and keeps the residual stream of one layer with an index of every token.',
    arguments: [],
    needsDevice: true,
    needsHub: true,
    steps: () => ['Harvesting'],
    params: harvestConfigSchema,
    result: z.object({
      id: z.string(),
      path: z.string(),
      tokens: z.number().int(),
      /** Of the last attempt. */
      tokensPerSecond: z.number(),
      contexts: z.number().int(),
      documents: z.number().int(),
      /** Rows that train, that validate, and that are left out. */
      train: z.number().int(),
      validation: z.number().int(),
      leftOut: z.number().int(),
      bytes: z.number(),
      peakRssBytes: z.number(),
    }),
    describe: ({ corpus, model, layer }) => `Harvest ${corpus} at layer ${layer} of ${model}`,
  }),
  verify: jobKind({
    title: 'Verify a harvest',
    help: 'Checks every shard, count and checksum of a harvest, and computes a sample of its rows again.',
    needsDevice: true,
    needsHub: false,
    steps: () => ['Verifying'],
    params: z.object({
      harvest: field(z.string().min(1), {
        label: 'Harvest',
        help: 'Id of a harvest, the beginning of one, or the path of its folder.',
        input: 'harvest',
      }),
      model: field(z.string().min(1).optional(), {
        label: 'Model',
        help: 'Where the model is now, when it is not where it was.',
        input: 'model',
      }),
    }),
    result: z.object({
      ok: z.literal(true),
      rows: z.number().int(),
      /** Rows computed again, and how far the stored ones are from them at most. */
      recomputed: z.number().int(),
      maxAbsDifference: z.number(),
      maxRelDifference: z.number(),
    }),
    describe: ({ harvest }) => `Verify ${harvest}`,
  }),
}
