// Puts the demo together from what the host has: its run, and the contract over it.
import { join } from 'node:path'
import type { demoContract } from '../../../shared/contract/demo.ts'
import type { Handlers } from '../../../shared/contract/define.ts'
import type { modelsContract } from '../../../shared/contract/models.ts'
import type { saesContract } from '../../../shared/contract/saes.ts'
import { type ErrorData, toErrorData } from '../../../shared/errors.ts'
import { guarded, type WriteDb } from '../../store/database.ts'
import { readDemo, writeDemo } from '../../store/demo-row.ts'
import { folderBytes } from '../../store/folder.ts'
import type { Workspace } from '../../store/workspace.ts'
import type { Harvests } from '../harvests.ts'
import type { Jobs } from '../jobs.ts'
import type { Reports } from '../reports.ts'
import { demoHandlers } from './demo-handlers.ts'
import { DemoRun } from './demo-run.ts'
import { demoTasks, type DemoTaskParts } from './demo-tasks.ts'

/** A job of the demo is among the newest, or gone as far as people see. */
const JOBS_LOOKED_AT = 1_000

interface DemoParts extends Omit<DemoTaskParts, 'saes' | 'harvests' | 'reports'> {
  readonly db: WriteDb
  readonly workspace: Workspace
  readonly jobs: Jobs
  readonly harvests: Pick<Harvests, 'list' | 'remove'>
  readonly reports: Pick<Reports, 'list' | 'remove'>
  /** What removing a model or an SAE has to heed is known there. */
  readonly handlers: Pick<
    Handlers<typeof modelsContract> & Handlers<typeof saesContract>,
    'models.remove' | 'saes.list' | 'saes.remove'
  >
  readonly onProblem: (problem: ErrorData) => void
}

interface DemoOfHost {
  readonly handlers: Handlers<typeof demoContract>
  /** See `DemoRun.open`; never rejects. */
  open(alone: boolean): Promise<void>
  close(): void
}

export function demoOf(parts: DemoParts): DemoOfHost {
  const { db, workspace, jobs, models, harvests, sessions, reports, handlers, onProblem } = parts
  const context = { signal: new AbortController().signal }
  const saes = async () => handlers['saes.list'](undefined, context)
  const run = new DemoRun({
    ...{ jobs, onProblem },
    store: {
      read: () => readDemo(db),
      write: (demo) => guarded(workspace.database, () => writeDemo(db, demo)),
    },
    tasks: demoTasks({ ...parts, saes }),
  })
  const isEmpty = async () =>
    jobs.list(1).length + models.list().length + sessions.list().length === 0 &&
    (await harvests.list()).length + (await saes()).length + (await reports.list()).length === 0
  const job = (id: string) => jobs.list(JOBS_LOOKED_AT).find((each) => each.id === id)
  return {
    handlers: demoHandlers(run, {
      ...{ saes, job },
      models: () => models.list(),
      harvests: () => harvests.list(),
      sessions: () => sessions.list(),
      reports: () => reports.list(),
      jobBytes: (id) => folderBytes(join(workspace.jobs, id)),
      removeModel: async (id) => (await handlers['models.remove']({ id }, context)).freedBytes,
      removeHarvest: (id) => harvests.remove(id),
      removeSae: async (id) => (await handlers['saes.remove']({ id }, context)).freedBytes,
      removeSession: (id) => sessions.remove(id),
      removeReport: (id) => reports.remove(id),
      removeJob: (id) => jobs.delete(id),
    }),
    open: async (alone) => {
      try {
        run.open({ alone, empty: await isEmpty() })
      } catch (error) {
        // a host without its demo is still one
        onProblem(toErrorData(error))
      }
    },
    close: () => run.close(),
  }
}
