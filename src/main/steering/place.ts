// Where an SAE steers: its folder, the model it was made for, and how long the residual stream is at its hook.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { Model } from '../../shared/models.ts'
import type { SteeringFacts, SteeringPlace } from '../../shared/steering.ts'
import { readHarvest } from '../activations/harvest-folder.ts'
import { type ResolvedModel, resolveModel } from '../llama/library/library.ts'
import { sameName } from '../sae/belongs.ts'
import { readSaeLensForm } from '../sae/exchange/saelens.ts'
import { readRun, type RunFacts } from '../sae/run-facts.ts'
import type { SaeForm } from '../sae/sae.ts'
import { resolveArtifact } from '../store/artifact.ts'
import type { Workspace } from '../store/workspace.ts'

/** Mean residual norm, and what told it. */
export interface TypicalNorm {
  readonly mean: number
  readonly from: SteeringFacts['normFrom']
}

export interface ResolvedPlace {
  /** Folder of the SAE. */
  readonly sae: string
  readonly form: SaeForm
  readonly hook: string
  readonly model: ResolvedModel
  /** Null where nothing tells it, so that it must be measured. */
  readonly norm: TypicalNorm | null
}

/**
 * Reads no weights. `models` are those of the workspace. Throws `sae/unknown`, `sae/ambiguous`, `sae/unfinished`, `sae/foreign`,
 * `steering/no-hook`, `steering/no-model`, `models/…`, `disk/…`.
 */
export async function resolvePlace(
  { sae, model }: Pick<SteeringPlace, 'sae' | 'model'>,
  workspace: Pick<Workspace, 'saes' | 'models' | 'harvests'>,
  models: readonly Model[],
): Promise<ResolvedPlace> {
  const folder = await resolveArtifact(workspace.saes, sae, 'sae')
  const { form, metadata } = await readSaeLensForm(folder)
  const run = await readRun(folder)
  const hook = run?.model.hook ?? metadata.hook_name
  if (typeof hook !== 'string') {
    throw expected(
      'steering/no-hook',
      `The SAE in ${folder} does not say at which place of a model it reads.`,
      'Its cfg.json wants a hook_name, such as "blocks.6.hook_resid_post".',
    )
  }
  const named = typeof metadata.model_name === 'string' ? metadata.model_name : null
  const resolved =
    model === undefined
      ? await ownModel(run, named, workspace, models)
      : await resolveModel(workspace.models, model)
  const norm = await knownNorm(
    run,
    resolved.hash ?? run?.model.hash ?? null,
    hook,
    form.D,
    workspace.harvests,
  )
  return { sae: folder, form, hook, model: resolved, norm }
}

/** The model of the workspace with the hash of the one it was trained on, or with the name it says; else the one its training read. */
async function ownModel(
  run: RunFacts | null,
  named: string | null,
  workspace: Pick<Workspace, 'models'>,
  models: readonly Model[],
): Promise<ResolvedModel> {
  const ready = models.filter(({ state }) => state === 'ready')
  const same = ready.find(
    ({ hash, name }) => hash === run?.model.hash || (!run && named !== null && sameName(named, name)),
  )
  if (same) return resolveModel(workspace.models, same.id)
  const read = run && (await resolveModel(workspace.models, run.model.name).catch(() => null))
  if (read) return read
  const wanted = run?.model.name ?? named
  throw expected(
    'steering/no-model',
    wanted === null
      ? 'This SAE does not say of which model it is.'
      : `This SAE is of the model ${wanted}, which is not among the models here.`,
    'Import that model, or say which one to steer.',
  )
}

async function knownNorm(
  run: RunFacts | null,
  hash: string | null,
  hook: string,
  D: number,
  harvests: string,
): Promise<TypicalNorm | null> {
  const own = run?.harvest && (await readHarvest(run.harvest.path).catch(() => null))
  if (own && own.norms.mean > 0) return { mean: own.norms.mean, from: 'harvest' }
  const other =
    hash === null
      ? null
      : await harvestOf(harvests, ({ model }) => model.hash === hash && model.hook === hook)
  if (other) return { mean: other.norms.mean, from: 'other-harvest' }
  // training scales rows to a mean norm of √D
  return run ? { mean: Math.sqrt(D) / run.scale, from: 'training' } : null
}

async function harvestOf(
  harvests: string,
  fits: (manifest: HarvestManifest) => boolean,
): Promise<HarvestManifest | null> {
  for (const id of (await readdir(harvests).catch(() => [])).sort()) {
    const manifest = await readHarvest(join(harvests, id)).catch(() => null)
    if (manifest && manifest.norms.mean > 0 && fits(manifest)) return manifest
  }
  return null
}
