// Reads SAELens folders: version 6, and the keys of the versions before it.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import {
  architectures,
  type Normalisation,
  type Sae,
  type SaeArchitecture,
  type SaeForm,
  tensorShapes,
} from '../sae.ts'
import { explained } from '../../store/io-error.ts'
import { CONFIG, WEIGHTS } from '../sae-folder.ts'
import { objectOf, TensorFile, wholeNumber } from './tensor-file.ts'

type Json = Readonly<Record<string, unknown>>

/** What SAELens kept at the top level before version 6, and what it calls it since. */
const renamed: Readonly<Record<string, string>> = {
  hook_point: 'hook_name',
  hook_point_head_index: 'hook_head_index',
}
const metadataKeys = [
  ...['model_name', 'hook_name', 'model_class_name', 'hook_head_index', 'model_from_pretrained_kwargs'],
  ...[
    'prepend_bos',
    'exclude_special_tokens',
    'neuronpedia_id',
    'context_size',
    'seqpos_slice',
    'dataset_path',
  ],
  ...['sae_lens_version', 'sae_lens_training_version'],
]
/** Names of SAELens that compute what another architecture does. */
const synonyms: Readonly<Record<string, SaeArchitecture>> = {
  batchtopk: 'topk',
  matryoshka_batchtopk: 'jumprelu',
}

/** `json` is the folder's cfg.json. Throws `sae/…`, and what reading the weights throws. */
export async function readSaeLens(folder: string, json: unknown): Promise<Sae> {
  const { form, metadata, file } = await openSaeLens(folder, json)
  const tensors: Record<string, Float32Array> = {}
  for (const [name, shape] of Object.entries(tensorShapes(form.architecture, form))) {
    tensors[name] = await file.read(name, shape)
  }
  return { ...form, tensors, metadata }
}

/** Without its weights, which lie in `file`. Throws as `readSaeLens` does for a folder it cannot read. */
export async function openSaeLens(
  folder: string,
  json: unknown,
): Promise<{ readonly form: SaeForm; readonly metadata: Json; readonly file: TensorFile }> {
  const { form, metadata } = saeLensForm(json, join(folder, CONFIG))
  const file = await TensorFile.open(join(folder, WEIGHTS))
  await refuseScalingFactor(file, form)
  return { form, metadata, file }
}

/** What the configuration in an SAE's folder says; nothing else of it is read. Throws `sae/unfinished`, `sae/…`, `disk/…`. */
export async function readSaeLensForm(folder: string): Promise<{ form: SaeForm; metadata: Json }> {
  const path = join(folder, CONFIG)
  if (!(await stat(path).catch(() => null))) {
    throw expected(
      'sae/unfinished',
      `${folder} holds no finished SAE: it has no ${CONFIG}.`,
      'Let its training end, or resume it; one of another program has to be imported first.',
    )
  }
  const text = await explained(path, () => readFile(path, 'utf8'))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw expected('sae/foreign', `${path} is no JSON.`, 'The file is damaged.', error)
  }
  return saeLensForm(json, path)
}

/** What a cfg.json says of its SAE and of its origin; `path` names it in errors. Throws `sae/…`. */
function saeLensForm(json: unknown, path: string): { form: SaeForm; metadata: Json } {
  const config = objectOf(json, path)
  const old = versionOf(config) < 6
  const given = old
    ? Object.fromEntries(Object.entries(config).map(([key, value]) => [renamed[key] ?? key, value]))
    : config
  const kept = old
    ? Object.fromEntries(metadataKeys.filter((key) => key in given).map((key) => [key, given[key]]))
    : { ...objectOf(config.metadata ?? {}, path) }
  const { k, architecture } = architectureOf(given, path)
  refuseHookZ(given, path)
  return {
    form: {
      ...{ architecture, D: wholeNumber(given, 'd_in', path), F: wholeNumber(given, 'd_sae', path) },
      ...(k !== undefined && { k }),
      ...(architecture === 'switch' && { experts: wholeNumber(given, 'experts', path) }),
      centred: given.apply_b_dec_to_input !== false,
      rescaled: architecture === 'topk' && given.rescale_acts_by_decoder_norm === true,
      normalisation: normalisationOf(given, path),
    },
    metadata: kept,
  }
}

function versionOf(config: Json): number {
  const metadata = config.metadata as Json | undefined
  const version = config.sae_lens_version ?? metadata?.sae_lens_version
  return typeof version === 'string' ? Number.parseInt(version, 10) || 0 : 0
}

function architectureOf(config: Json, path: string): { architecture: SaeArchitecture; k?: number } {
  const named = (config.architecture ?? 'standard') as string
  const kwargs = (config.activation_fn_kwargs ?? {}) as Json
  const activation = (config.activation_fn ?? config.activation_fn_str ?? 'relu') as string
  const architecture = named === 'standard' && activation === 'topk' ? 'topk' : (synonyms[named] ?? named)
  if (!(architectures as readonly string[]).includes(architecture)) {
    throw expected(
      'sae/architecture',
      `${path} is of the architecture "${named}", and ${architectures.join(', ')} are known.`,
      'Train one of these, or convert it.',
    )
  }
  if (architecture !== 'topk' && activation !== 'relu') {
    throw expected(
      'sae/architecture',
      `${path} has the activation function "${activation}", and relu is known.`,
      'Train one with relu, topk or jumprelu.',
    )
  }
  if (architecture !== 'topk' && architecture !== 'switch')
    return { architecture: architecture as SaeArchitecture }
  return { architecture, k: wholeNumber({ k: config.k ?? kwargs.k }, 'k', path) }
}

function normalisationOf({ normalize_activations: given }: Json, path: string): Normalisation {
  switch (given) {
    // as SAELens does: the mean norm was folded into the weights, or is the model's own
    case undefined:
    case null:
    case false:
    case true:
    case 'none':
    case 'expected_average_only_in':
      return 'none'
    case 'constant_norm_rescale':
    case 'layer_norm':
      return given
    default:
      throw expected(
        'sae/normalisation',
        `${path} normalises activations by "${JSON.stringify(given)}", which is not known here.`,
        'Fold the normalisation into the weights with SAELens first.',
      )
  }
}

function refuseHookZ({ reshape_activations: reshape, hook_head_index: head }: Json, path: string): void {
  if ((reshape ?? 'none') === 'none' && (head ?? null) === null) return
  throw expected(
    'sae/hook-z',
    `${path} reads the heads of attention (${reshape === 'hook_z' ? 'hook_z' : `head ${String(head)}`}), and residual stream, attention and MLP outputs are hooks here.`,
    'Choose an SAE of one of these.',
  )
}

async function refuseScalingFactor(file: TensorFile, { F }: SaeForm): Promise<void> {
  if (!file.has('scaling_factor')) return
  const factors = await file.read('scaling_factor', [F])
  if (factors.every((factor) => factor === 1)) return
  throw expected(
    'sae/scaling-factor',
    `${file.path} has fine-tuned scaling factors that are not 1.`,
    'Multiply the decoder rows by them first.',
  )
}
