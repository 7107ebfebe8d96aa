// Every kind of job: its validated parameters and result. A new kind is one entry here and one runner in main/compute.
import { z } from 'zod'
import { field } from '../config.ts'
import { evaluationSchema } from '../evaluation.ts'
import { harvestConfigSchema } from '../harvest.ts'
import { indexConfigSchema, indexResultSchema } from '../index-config.ts'
import { repositoryPattern } from '../hub.ts'
import { importedModel, importedSae } from '../imported.ts'
import { trainConfigSchema } from '../sae.ts'
import { trainResultSchema } from '../saes.ts'
import { inputWords } from '../training-input.ts'

interface JobKind<P extends z.ZodObject, R extends z.ZodType> {
  /** As menus and the palette name it. */
  readonly title: string
  readonly help: string
  /** Its work runs on a device: it begins once the devices have been probed. */
  readonly needsDevice: boolean
  /** It fetches from the Hugging Face Hub: it is told where that is, and the token. */
  readonly needsHub: boolean
  /** Of a kind that may fetch: whether this one does. */
  fetches?(params: z.output<P>): boolean
  /** Words of the command line that start it, where they are not simply its id. */
  readonly command?: string
  /** Fields that the command line takes as arguments, in order; without it the first that is required. */
  readonly arguments?: readonly string[]
  /** Its steps in order, as progress names them, after its size is known; each counts the same. */
  steps(params: z.output<P>): readonly string[]
  /** Flat object of fields; forms and command-line flags derive from it. */
  readonly params: P
  readonly result: R
  /** Names one job in lists. */
  describe(params: z.output<P>): string
  /** False: it is done, and what was wanted is not so; a command then ends as after an expected error. */
  worked?(result: z.output<R>): boolean
}

function jobKind<P extends z.ZodObject, R extends z.ZodType>(kind: JobKind<P, R>): JobKind<P, R> {
  return kind
}

const name = field(z.string().trim().min(1).max(100).optional(), {
  label: 'Name',
  help: 'What it is called here; by default as its source calls it.',
})

export const jobKinds = {
  checksum: jobKind({
    title: 'Checksum a folder',
    help: 'Reads every file of a folder tree and writes one SHA-256 per file and one for the whole tree.',
    needsDevice: false,
    needsHub: false,
    steps: () => ['Hashing'],
    params: z.object({
      folder: field(z.string().min(1), {
        label: 'Folder',
        help: 'Every regular file below it is read; links are listed, not followed.',
        input: 'folder',
      }),
    }),
    result: z.object({
      /** SHA-256 (hex) over the lines "<sha256>  <relative path>\n" of all files, names sorted within each folder. */
      digest: z.string(),
      files: z.number().int(),
      bytes: z.number(),
      /** Links, sockets, devices, and files that could not be read; each is named in the log. */
      skipped: z.number().int(),
      /** The list: one JSON line `{path, bytes, modified, sha256}` a file. */
      path: z.string(),
    }),
    describe: (params) => `Checksum ${params.folder}`,
  }),
  benchmark: jobKind({
    title: 'Benchmark the devices',
    help: 'Multiplies matrices of growing size on every usable device, in float32 and where it has it in float16.',
    needsDevice: true,
    needsHub: false,
    steps: () => ['Measuring'],
    params: z.object({
      device: field(z.string().default('all'), {
        label: 'Device',
        help: '"all", or one device as the Device page names it.',
      }),
    }),
    result: z.object({
      measurements: z.array(
        z.object({
          device: z.string(),
          name: z.string(),
          dtype: z.enum(['float32', 'float16']),
          /** Rows and columns of the matrices. */
          size: z.number().int(),
          /** Of the fastest run of eight products. */
          seconds: z.number(),
          gflops: z.number(),
        }),
      ),
    }),
    describe: ({ device }) => (device === 'all' ? 'Benchmark all devices' : `Benchmark ${device}`),
  }),
  'setup-cuda': jobKind({
    title: 'Set up CUDA',
    help: 'Fetches the CUDA provider that belongs to this onnxruntime, checks, places and tries it, and says what is still missing.',
    command: 'setup cuda',
    needsDevice: false,
    needsHub: false,
    steps: () => ['Downloading', 'Checking', 'Placing', 'Probing'],
    params: z.object({
      file: field(z.string().min(1).optional(), {
        label: 'File',
        help: 'A package (.nupkg) or the provider itself (.so) that is on disk already; nothing is downloaded then.',
        input: 'file',
      }),
      sha256: field(
        z
          .string()
          .regex(/^[\da-fA-F]{64}$/, 'A SHA-256 has 64 hexadecimal digits.')
          .optional(),
        { label: 'SHA-256', help: 'What the package or the file must have; anything else is refused.' },
      ),
      feed: field(z.string().min(1).optional(), {
        label: 'Feed',
        help: 'Index of another NuGet feed, such as a mirror; MONOSCOPE_NUGET_FEED does the same.',
      }),
    }),
    result: z.object({
      /** CUDA works here. */
      ok: z.boolean(),
      /** Path of the provider that is in place. */
      provider: z.string().nullable(),
      /** Versions of the libraries found; null where there are none. */
      cuda: z.string().nullable(),
      cudnn: z.string().nullable(),
      /** The CUDA major version the provider asks for. */
      cudaNeeded: z.number().int().nullable(),
      onnxruntime: z.string().nullable(),
      driver: z.string().nullable(),
      gpus: z.array(z.string()),
      /** Libraries that are nowhere on this machine. */
      missing: z.array(z.string()),
      /** One command for each package manager that brings them; any one of them will do. */
      commands: z.object({ apt: z.string(), dnf: z.string(), conda: z.string(), pip: z.string() }).nullable(),
      /** SHA-256 of the provider in place. */
      sha256: z.string().nullable(),
      /** What the package was held against; null when nothing was fetched. */
      checkedBy: z.enum(['given SHA-256', 'SHA-512 of the feed', 'nothing']).nullable(),
      /** Why CUDA does not work, and what to do about it. */
      problem: z.string().nullable(),
      hint: z.string().nullable(),
    }),
    describe: () => 'Set up CUDA',
    worked: ({ ok }) => ok,
  }),
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
      sae: field(z.string().min(1), {
        label: 'SAE',
        help: 'Id of an SAE, the beginning of one, or the path of its folder.',
        input: 'sae',
      }),
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
      sae: field(z.string().min(1), {
        label: 'SAE',
        help: 'Id of an SAE, the beginning of one, or the path of its folder.',
        input: 'sae',
      }),
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
  index: jobKind({
    title: 'Index features',
    help: 'Encodes the rows of a harvest with an SAE, and writes down where each of its features fires, on what, and beside which others.',
    arguments: [],
    needsDevice: true,
    needsHub: false,
    steps: () => ['Encoding', 'Counting', 'Sorting', 'Describing', 'Pairing', 'Comparing', 'Aligned texts'],
    params: indexConfigSchema,
    result: indexResultSchema,
    describe: ({ sae, harvest }) => `Index ${sae}${harvest === undefined ? '' : ` on ${harvest}`}`,
  }),
}

export type JobKinds = typeof jobKinds
export type JobKindId = keyof JobKinds
export type JobParams<K extends JobKindId> = z.output<JobKinds[K]['params']>
export type JobResult<K extends JobKindId> = z.output<JobKinds[K]['result']>

/** A kind without knowing which: its parameters are whatever its schema says. */
export function kindOf(id: JobKindId): JobKind<z.ZodObject, z.ZodType> {
  return jobKinds[id]
}

export const jobKindIdSchema = z.enum(Object.keys(jobKinds) as [JobKindId, ...JobKindId[]])
