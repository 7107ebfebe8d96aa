// What the demo has left in the workspace, piece by piece, with the space each takes and how it is removed.
import type { Demo } from '../../../shared/demo.ts'
import type { Harvest } from '../../../shared/harvests.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import type { Model } from '../../../shared/models.ts'
import type { Report } from '../../../shared/report.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import type { SessionSummary } from '../../../shared/steering-sessions.ts'

interface Piece {
  readonly name: string
  readonly bytes: number
  /** Resolves to the bytes that freed. */
  remove(): Promise<number>
}

/** Lists of the workspace, and what removes one of each. */
export interface PieceParts {
  models(): readonly Model[]
  harvests(): Promise<readonly Harvest[]>
  saes(): Promise<readonly SaeEntry[]>
  sessions(): readonly SessionSummary[]
  reports(): Promise<readonly Report[]>
  /** Undefined for one that is not there any more. */
  job(id: string): Job | undefined
  jobBytes(id: string): Promise<number>
  removeModel(id: string): Promise<number>
  removeHarvest(id: string): Promise<number>
  removeSae(id: string): Promise<number>
  removeSession(id: string): void
  removeReport(id: string): Promise<number>
  removeJob(id: string): Promise<number>
}

/** In the order in which they can be removed: nothing before what was made of it. */
export async function piecesOf(demo: Demo, parts: PieceParts): Promise<Piece[]> {
  const { made, job } = demo
  const unfinished = (id: string) => id === job
  const sessions = parts.sessions().filter(({ id }) => id === made.session)
  const reports = (await parts.reports()).filter(({ id }) => id === made.report)
  const saes = (await parts.saes()).filter(({ id }) => id === made.sae || unfinished(id))
  const harvests = await parts.harvests()
  const own = harvests.filter(({ id }) => id === made.harvest || unfinished(id))
  const models = parts
    .models()
    .filter((model) => model.id === made.model && !wasThere(demo) && !harvests.some(usedBy(model, own)))
  const ids = [...demo.finished.map((each) => each.job), job]
  const jobs = ids.filter((id): id is string => id !== null && parts.job(id) !== undefined)
  const bytes = await Promise.all(jobs.map((id) => parts.jobBytes(id)))
  return [
    ...reports.map(({ id, bytes, manifest }) => ({
      ...{ name: `the report “${manifest.title}”`, bytes },
      remove: () => parts.removeReport(id),
    })),
    ...sessions.map(({ id, name }) => ({
      ...{ name: `the steering session “${name}”`, bytes: 0 },
      remove: () => (parts.removeSession(id), Promise.resolve(0)),
    })),
    ...saes.map(({ id, bytes }) => ({
      ...{ name: 'the SAE with the index of its features', bytes },
      remove: () => parts.removeSae(id),
    })),
    ...own.map(({ id, bytes }) => ({
      ...{ name: 'the harvest', bytes },
      remove: () => parts.removeHarvest(id),
    })),
    ...models.map(({ id, name, ownBytes }) => ({
      ...{ name: `the model “${name}”`, bytes: ownBytes },
      remove: () => parts.removeModel(id),
    })),
    ...(jobs.length === 0
      ? []
      : [
          {
            name: `the logs of ${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}`,
            bytes: bytes.reduce((sum, each) => sum + each, 0),
            remove: async () => {
              let freed = 0
              // one that had not finished went with what it was making
              for (const id of jobs) if (parts.job(id)) freed += await parts.removeJob(id)
              return freed
            },
          },
        ]),
  ]
}

/** The workspace had the model before the demo. */
function wasThere({ finished }: Demo): boolean {
  return finished.some(({ task, figures }) => task === 'import' && figures.already === true)
}

/** Of a harvest that is not the demo's. */
function usedBy({ id, hash }: Model, own: readonly Harvest[]) {
  return (harvest: Harvest): boolean =>
    !own.includes(harvest) && (harvest.config?.model === id || harvest.done?.model.hash === hash)
}
