// Jobs about models: brought in, downloaded, compared with transformers.
import { z } from 'zod'
import { field } from '../config.ts'
import { repositoryPattern } from '../hub.ts'
import { importedModel, importedSae } from '../imported.ts'
import { jobKind } from './kind.ts'

const name = field(z.string().trim().min(1).max(100).optional(), {
  label: 'Name',
  help: 'What it is called here; by default as its source calls it.',
})

export const modelKinds = {
  import: jobKind({
    title: 'Import a model or an SAE',
    help: 'Brings in a LLaMA model (a Hugging Face folder, by copy or by link, or a GGUF file, which is converted) or an SAE (a folder of SAELens, sparsify or Llama Scope).',
    needsDevice: false,
    needsHub: false,
    steps: ({ path, link }) => {
      if (link) return ['Hashing']
      return /\.gguf$/i.test(path) ? ['Converting', 'Hashing'] : ['Copying']
    },
    params: z.object({
      path: field(z.string().min(1), {
        label: 'Path',
        help: 'The folder of a model or of an SAE, or a .gguf file.',
        input: 'path',
        extension: '.gguf',
      }),
      link: field(z.boolean().default(false), {
        label: 'Link',
        help: 'Leave the folder where it is, and only note where that is. It must stay there unchanged.',
      }),
      as: field(z.enum(['auto', 'model', 'sae']).default('auto'), {
        label: 'As',
        help: 'What it must be; by default what it looks like.',
        names: { auto: 'what it looks like', model: 'a model', sae: 'an SAE' },
      }),
      name,
    }),
    result: z.discriminatedUnion('kind', [importedModel, importedSae]),
    describe: ({ path }) => `Import ${path}`,
  }),
  download: jobKind({
    title: 'Download a model',
    help: 'Fetches a LLaMA model from the Hugging Face Hub; it goes on where it stopped, and every file is checked.',
    needsDevice: false,
    needsHub: true,
    steps: () => ['Downloading'],
    params: z.object({
      repository: field(
        z.string().regex(repositoryPattern, 'It is owner/name, as in the address of its page'),
        {
          label: 'Model',
          help: 'Its id on the Hub, such as HuggingFaceTB/SmolLM2-135M.',
        },
      ),
      revision: field(z.string().trim().min(1).default('main'), {
        label: 'Revision',
        help: 'A branch, tag or commit.',
      }),
      name,
    }),
    result: importedModel,
    describe: ({ repository }) => `Download ${repository}`,
  }),
  parity: jobKind({
    title: 'Compare with transformers',
    help: 'Runs a model on the texts of a reference file, and says how far its numbers are from those of Hugging Face transformers.',
    arguments: ['model', 'golden'],
    needsDevice: true,
    needsHub: false,
    steps: () => ['Comparing'],
    params: z.object({
      model: field(z.string().min(1), {
        label: 'Model',
        help: 'Id of a model, the beginning of one, or a folder with a checkpoint.',
        input: 'model',
      }),
      golden: field(z.string().min(1), {
        label: 'Reference',
        help: 'A safetensors file with input_ids, lengths, hidden.N, logits and greedy.',
        input: 'file',
        extension: '.safetensors',
      }),
      precision: field(z.enum(['auto', 'float32', 'float16']).default('auto'), {
        label: 'Precision',
        help: 'What the model is computed in; auto takes what the device works in.',
      }),
    }),
    result: z.object({
      device: z.string(),
      precision: z.enum(['float32', 'float16']),
      /** Largest differences in the residual stream and the logits; "rel" divides by the tensor's largest number. */
      maxAbsHidden: z.number(),
      maxRelHidden: z.number(),
      maxAbsLogit: z.number(),
      maxRelLogit: z.number(),
      /** The most likely continuation is the same, token for token. */
      greedyMatch: z.boolean(),
    }),
    describe: ({ model }) => `Compare ${model} with transformers`,
  }),
}
