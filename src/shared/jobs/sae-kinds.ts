// Jobs about SAEs: trained, exported, measured.
import { z } from 'zod'
import { field } from '../config.ts'
import { evaluationSchema } from '../sae-evaluation.ts'
import { trainConfigSchema } from '../sae.ts'
import { trainResultSchema } from '../saes.ts'
import { inputWords } from '../training-input.ts'
import { jobKind, saeField } from './kind.ts'

export const saeKinds = {
  train: jobKind({
    title: 'Train an SAE',
    help: 'Trains a sparse autoencoder on the rows of a harvest or live from a model, and measures it on those it was not trained on.',
    arguments: [],
    needsDevice: true,
    needsHub: true,
    fetches: ({ live }) => live,
    steps: () => ['Training'],
    params: trainConfigSchema,
    result: trainResultSchema,
    describe: ({ variant, width, sweep, ...config }) =>
      `Train ${variant} × ${width}${sweep === undefined ? '' : `, ${sweep},`} on ${inputWords(config)}`,
  }),
  export: jobKind({
    title: 'Export an SAE',
    help: 'Copies a finished SAE into a folder that SAELens reads, with its figures and curves and without its checkpoints.',
    arguments: ['sae', 'destination'],
    needsDevice: false,
    needsHub: false,
    steps: () => ['Copying'],
    params: z.object({
      sae: saeField,
      destination: field(z.string().min(1), {
        label: 'Folder',
        help: 'Is made; one that is there must be empty.',
        input: 'folder',
      }),
    }),
    result: z.object({ path: z.string(), bytes: z.number() }),
    describe: ({ sae, destination }) => `Export ${sae} to ${destination}`,
  }),
  evaluate: jobKind({
    title: 'Evaluate an SAE',
    help: 'Measures an SAE on held-out rows, and what the model loses when its stream goes through it.',
    arguments: [],
    needsDevice: true,
    needsHub: false,
    steps: () => ['Reconstructing', 'Splicing'],
    params: z.object({
      sae: saeField,
      harvest: field(z.string().min(1).optional(), {
        label: 'Harvest',
        help: 'Whose validation rows are used; by default the one it was trained on.',
        input: 'harvest',
      }),
      model: field(z.string().min(1).optional(), {
        label: 'Model',
        help: 'Where the model is now, when it is not where it was.',
        input: 'model',
      }),
      batch: field(z.number().int().min(1).default(4096), {
        label: 'Batch',
        help: 'Rows that are reconstructed at once.',
        unit: 'rows',
      }),
      contexts: field(z.number().int().min(1).default(64), {
        label: 'Contexts',
        help: 'In how many held-out contexts the model runs with reconstructions in place of its stream.',
        unit: 'contexts',
      }),
      anyName: field(z.boolean().default(false), {
        label: 'Any name',
        help: 'Take an SAE from elsewhere although it names its model otherwise; width and hook must be the same.',
      }),
    }),
    result: evaluationSchema,
    describe: ({ sae }) => `Evaluate ${sae}`,
  }),
}
