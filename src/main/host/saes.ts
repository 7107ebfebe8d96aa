// The contract's SAEs over the folders of the workspace and the jobs that train and use them.
import { join } from 'node:path'
import type { Handlers } from '../../shared/contract/define.ts'
import type { saesContract } from '../../shared/contract/saes.ts'
import { expected } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { trainConfigSchema } from '../../shared/sae.ts'
import type { SaeEntry } from '../../shared/saes.ts'
import { trainingInput } from '../../shared/training-input.ts'
import { memberIds, membersOf } from '../../shared/sae-sweep.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { chosenDevice } from '../compute/device.ts'
import { expectCorpus } from '../corpus/corpus.ts'
import { hookFor } from '../activations/harvest-cost.ts'
import { resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { liveMemory } from '../sae/training-cost.ts'
import { lastCheckup } from '../sae/doctor/checkup.ts'
import { listCheckpoints } from '../sae/training-checkpoint.ts'
import { CHECKPOINTS } from '../sae/sae-folder.ts'
import type { CurveReads } from '../sae/curve-reads.ts'
import { type FoundSae, scanSaes } from '../sae/sae-library.ts'
import { removeFolder } from '../store/folder.ts'
import type { Reader } from '../store/reader.ts'
import type { Workspace } from '../store/workspace.ts'
import type { Devices } from './devices.ts'
import type { Jobs } from './jobs.ts'
import { estimateTraining } from './training-estimate.ts'

/** One that is active is among the newest. */
const JOBS_LOOKED_AT = 200

export function saeHandlers(
  workspace: Workspace,
  jobs: Pick<Jobs, 'list' | 'get' | 'delete'>,
  devices: Pick<Devices, 'usable'>,
  reader: Reader<CurveReads>,
  /** Ends what reads of the folder, so that its files can be deleted. */
  release: (folder: string) => Promise<void>,
): Handlers<typeof saesContract> {
  const list = async (): Promise<SaeEntry[]> => {
    const found = await scanSaes(workspace.saes)
    const known = jobs.list(JOBS_LOOKED_AT).filter(makes)
    const ordered = known.flatMap(orderedBy)
    const begun = new Set(found.map(({ id }) => id))
    // those that have not made their folder yet, or ended before they could
    const coming = ordered.filter(({ id, job }) => job.state !== 'done' && !begun.has(id) && promises(job))
    return [
      ...coming.map((sae) => comingSae(sae, workspace)),
      ...found.map((sae) =>
        described(
          sae,
          ordered.find(({ id }) => id === sae.id),
        ),
      ),
    ]
  }
  const find = async (id: string): Promise<SaeEntry> => {
    const sae = (await list()).find((candidate) => candidate.id === id)
    if (sae) return sae
    throw expected('sae/unknown', `There is no SAE "${id}".`, 'List the SAEs to see their ids.')
  }
  return {
    'saes.list': list,
    'saes.curves': async ({ id, points }, { signal }) =>
      reader.read('curves', [(await find(id)).id, points], signal),
    'saes.plan': async (config) => {
      const device = chosenDevice({ devices: await devices.usable() })
      const input = trainingInput(config)
      const common = { config, device, jobs: jobs.list(JOBS_LOOKED_AT) }
      if (input.kind === 'harvest') {
        const { model } = await readHarvest(await resolveHarvest(workspace.harvests, input.harvest))
        return estimateTraining({ ...common, D: model.width, beside: 0 })
      }
      const { folder } = await resolveModel(workspace.models, input.config.model)
      const { config: model } = await openCheckpoint(folder)
      hookFor(input.config, model)
      await expectCorpus(input.config.corpus)
      const beside = liveMemory(input.config, model, device)
      return estimateTraining({ ...common, D: model.width, beside })
    },
    'saes.checkup': async ({ id }) => lastCheckup((await find(id)).path),
    'saes.checkpoints': async ({ id }) => listCheckpoints(join((await find(id)).path, CHECKPOINTS)),
    'saes.remove': async ({ id }) => {
      const sae = await find(id)
      const user = jobs.list(JOBS_LOOKED_AT).find((job) => isActive(job.state) && uses(job, sae))
      if (user) {
        throw expected(
          'sae/in-use',
          `${user.title} needs this SAE, and is ${user.state === 'queued' ? 'waiting' : 'running'}.`,
          'Let it end or cancel it first.',
        )
      }
      await release(sae.path)
      if (isFinished(sae)) return { freedBytes: await removeFolder(sae.path) }
      // what is not finished has nothing to go on with, and neither have those beside it
      let freedBytes = 0
      for (const other of await list()) {
        if (jobOf(other) === jobOf(sae) && !isFinished(other)) freedBytes += await removeFolder(other.path)
      }
      const job = jobs.list(JOBS_LOOKED_AT).find((candidate) => candidate.id === jobOf(sae))
      return { freedBytes: freedBytes + (job ? await jobs.delete(job.id) : 0) }
    },
  }
}

/** What a job leaves of SAEs when it is deleted before they were whole. */
async function leftBy(saes: string, job: Job): Promise<FoundSae[]> {
  if (!makes(job)) return []
  const own = new Set(orderedBy(job).map(({ id }) => id))
  return (await scanSaes(saes)).filter(({ id, finished }) => own.has(id) && !finished)
}

export async function saesLeftBy(saes: string, job: Job): Promise<number> {
  return (await leftBy(saes, job)).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Removes that; resolves to the bytes that freed. */
export async function discardSaes(saes: string, job: Job): Promise<number> {
  let freedBytes = 0
  for (const { path } of await leftBy(saes, job)) freedBytes += await removeFolder(path)
  return freedBytes
}

/** The SAE of such a job has the job's id. */
function makes({ kind }: Job): boolean {
  return kind === 'train' || kind === 'import'
}

/** An import of which nobody said what it brings may be a model's. */
function promises({ kind, params }: Job): boolean {
  return kind === 'train' || params.as === 'sae'
}

function stateOf(job: Job): SaeEntry['state'] {
  if (!isActive(job.state)) return 'stopped'
  return job.kind === 'train' ? 'training' : 'importing'
}

/** An SAE as the job that trains it tells of it. */
interface Ordered extends Pick<SaeEntry, 'id' | 'config' | 'sweep'> {
  readonly job: Job
}

function orderedBy(job: Job): Ordered[] {
  const order = job.kind === 'train' ? trainConfigSchema.safeParse(job.params).data : undefined
  try {
    if (order?.sweep === undefined) return [{ id: job.id, job, config: order ?? null, sweep: null }]
    const members = memberIds(job.id, order)
    return membersOf(order).map(({ config, name }, index) => ({
      ...{ id: members[index]!, job, config },
      sweep: { job: job.id, of: order.sweep!, name: name!, members },
    }))
  } catch {
    // a sweep that was refused makes nothing
    return [{ id: job.id, job, config: order ?? null, sweep: null }]
  }
}

/** Of what was found the job, whether it is still there or not. */
function jobOf({ id, sweep }: Pick<SaeEntry, 'id' | 'sweep'>): string {
  return sweep?.job ?? id
}

function isFinished({ state }: SaeEntry): boolean {
  return state === 'ready' || state === 'damaged'
}

function uses(job: Job, sae: SaeEntry): boolean {
  const { id, params } = job
  if (makes(job)) return id === jobOf(sae)
  const wanted = params.sae
  return typeof wanted === 'string' && wanted !== '' && (sae.id.startsWith(wanted) || wanted === sae.path)
}

function comingSae({ id, job, config, sweep }: Ordered, workspace: Workspace): SaeEntry {
  return {
    ...{ id, problem: null, at: job.createdAt, state: stateOf(job) },
    ...{ path: join(workspace.saes, id), bytes: 0, config, sweep, origin: null, done: null },
  }
}

function described({ finished, ...sae }: FoundSae, order: Ordered | undefined): SaeEntry {
  if (sae.problem !== null) return { ...sae, state: 'damaged' }
  if (finished) return { ...sae, state: 'ready' }
  const { config = null, sweep = null, job } = order ?? {}
  return { ...sae, config, sweep, state: job ? stateOf(job) : 'stopped' }
}
