// The jobs that bring an SAE into the workspace, and that copy one out of it.
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { exportSae } from '../sae/exchange/export-sae.ts'
import { importSae } from '../sae/exchange/import-sae.ts'
import { formatOf, refusePickle } from '../sae/exchange/read-sae.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { folderBytes } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'
import type { JobContext } from './runner.ts'

/** One of these makes a folder an SAE's, whatever else lies in it. */
const marks = ['cfg.json', 'sae_weights.safetensors', 'sae.safetensors', 'hyperparams.json', 'ae.pt']

/** Whether `path` is meant as an SAE; what can be none says so later. Throws `sae/pickle`, `disk/…`. */
export async function looksLikeSae(path: string): Promise<boolean> {
  const stats = await explained(path, () => stat(path))
  if (!stats.isDirectory()) {
    await refusePickle(path)
    return false
  }
  const names = await explained(path, () => readdir(path))
  if (marks.some((name) => names.includes(name))) return true
  return !names.includes('config.json') && (await formatOf(path)) !== null
}

export async function bringInSae(
  { path, name, link }: JobParams<'import'>,
  context: JobContext,
): Promise<JobResult<'import'>> {
  if (link) {
    throw expected(
      'import/sae-link',
      'An SAE cannot be left where it is: it is kept in one layout, whichever program wrote it.',
      'Import it without a link, or name its folder by path where an SAE is asked for.',
    )
  }
  // the SAE of a job has the job's id, so that another attempt finds it
  const id = basename(context.folder)
  const target = join(context.workspace.saes, id)
  context.progress.working('Copying', 'SAEs', 0, 1)
  const { sae, format, name: called } = await importSae(resolve(path), target, { name })
  const bytes = await folderBytes(target)
  context.progress.working('Copying', 'SAEs', 1, 1)
  context.artifact({ kind: 'sae', path: target, bytes })
  context.log('info', `Read as a folder of ${format}.`)
  const said = (key: string) => (typeof sae.metadata[key] === 'string' ? sae.metadata[key] : null)
  return {
    ...{ id, kind: 'sae', architecture: sae.architecture, name: called, format },
    ...{ directions: sae.D, features: sae.F, model: said('model_name'), hook: said('hook_name') },
    ...{ path: target, bytes },
  }
}

export async function copyOut(
  params: JobParams<'export'>,
  context: JobContext,
): Promise<JobResult<'export'>> {
  const source = await resolveArtifact(context.workspace.saes, params.sae, 'sae')
  const path = resolve(params.destination)
  const bytes = await exportSae(source, path, {
    onProgress: (done, total) => context.progress.working('Copying', 'bytes', done, total),
    checkpoint: () => context.checkpoint(),
  })
  return { path, bytes }
}
