// The host: owns one workspace, its jobs and the contract, whichever kind of program it lives in.
import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { contract, type AppContract } from '../../shared/contract/index.ts'
import type { HostKind } from '../../shared/contract/host.ts'
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { type JobKindId, kindOf } from '../../shared/jobs/kinds.ts'
import { Service } from '../../shared/wire/service.ts'
import { type ResolvedModel, resolveModel } from '../llama/library/library.ts'
import { curveReader } from '../sae/curve-reads.ts'
import { openForWriting, type WriteDb } from '../store/database.ts'
import { lockWorkspace } from '../store/lock.ts'
import { workspaceMigrations } from '../store/migrations.ts'
import { workspaceReader } from '../store/reader.ts'
import { SecretFile, type SecretStore } from '../store/secrets.ts'
import { openWorkspace, type Workspace } from '../store/workspace.ts'
import { corpusHandlers } from './corpus-handlers.ts'
import { demoOf } from './demo/open-demo.ts'
import { deviceHandlers } from './device-handlers.ts'
import { Devices } from './devices.ts'
import type { Desktop } from './desktop.ts'
import { type EndpointOptions, openEndpoint } from './endpoint.ts'
import { featureHandlers } from './feature-handlers.ts'
import { FeatureIndexes } from './feature-indexes.ts'
import { generationHandlers } from './generation-handlers.ts'
import { harvestHandlers } from './harvest-handlers.ts'
import { HarvestReaders } from './harvest-readers.ts'
import { Harvests } from './harvests.ts'
import { hostHandlers, settingsHandlers } from './host-handlers.ts'
import { hubAccess } from './hub-access.ts'
import { jobHandlers } from './job-handlers.ts'
import { Jobs } from './jobs.ts'
import { labHandlers } from './lab-handlers.ts'
import type { LaunchCompute } from './launcher.ts'
import { MachineWatch } from './machine-watch.ts'
import { modelHandlers } from './model-handlers.ts'
import { Models } from './models.ts'
import { ModelsEngine } from './models-engine.ts'
import { reportDraftHandlers } from './report-draft.ts'
import { Reports } from './reports.ts'
import { discardSaes, saeHandlers, saesLeftBy } from './saes.ts'
import { Sessions } from './sessions.ts'
import { SettingsKeeper } from './settings.ts'
import { Steering } from './steering.ts'
import { steeringHandlers } from './steering-handlers.ts'
import { Tabs } from './tabs.ts'

export interface HostOptions {
  /** Folder of the workspace. */
  readonly workspace: string
  readonly kind: HostKind
  readonly version: string
  readonly launch: LaunchCompute
  /** Defaults to a file in the workspace. */
  readonly secrets?: SecretStore
  readonly desktop?: Desktop
  readonly endpoint?: EndpointOptions
  /** Begins the demo in an empty workspace, and goes on with one that was under way when the last host ended. */
  readonly demo?: boolean
  /** Whether commands and others may attach from the start; by default they may. */
  readonly announced?: boolean
  /** Told of bugs and of trouble with the disk or the port, for the terminal or the log; null when the trouble is over. */
  readonly onProblem?: (problem: ErrorData | null) => void
}

export interface Host {
  readonly service: Service<AppContract>
  readonly workspace: Workspace
  /** Opens the page; the token is in the fragment. */
  readonly url: string
  /** Lets others attach from now on. */
  announce(): Promise<void>
  /** Stops jobs so that they can be resumed, tells everyone, and gives the workspace free. */
  close(): Promise<void>
}

/** Milliseconds jobs get to stop cleanly when the host closes. */
const CLOSING_GRACE = 5_000
const PROBLEMS_KEPT = 50
const JOBS_LOOKED_AT = 50

/** Throws `workspace/held`, `workspace/newer`, `disk/…` and the like; nothing is left locked then. */
export async function openHost(options: HostOptions): Promise<Host> {
  const workspace = await openWorkspace(options.workspace)
  const lock = await lockWorkspace(workspace.path, { kind: options.kind, version: options.version })
  // opened in this order, and closed in the other when the next one fails
  let db: WriteDb | undefined
  try {
    db = openForWriting(workspace.database, workspaceMigrations)
    const opened = db
    // their threads start with the first read, so there is nothing to close before
    const reader = workspaceReader(workspace.database)
    const curves = curveReader(workspace.saes)
    const settings = new SettingsKeeper(db, workspace.database)
    const machine = new MachineWatch()
    const problems: ErrorData[] = []
    const onProblem = (problem: ErrorData | null) => {
      if (problem) problems.push(problem)
      if (problems.length > PROBLEMS_KEPT) problems.shift()
      options.onProblem?.(problem)
    }
    const secrets = options.secrets ?? new SecretFile(workspace.path)
    const devices = new Devices({ launch: options.launch, workspace, settings, onProblem })
    const resolve = (model: string) => resolveModel(workspace.models, model)
    const engine = new ModelsEngine({
      launch: options.launch,
      resolve,
      devices: () => devices.usable(),
      deviceJob: () => jobOnDevice(jobs),
    })
    const jobs: Jobs = new Jobs({
      db,
      workspace,
      machine,
      launch: options.launch,
      supplies: {
        devices: async (say) => {
          const usable = await devices.usable()
          const ended = await engine.makeRoom()
          if (ended !== null) say(`Ended the model ${ended}, which was held for interactive work.`)
          return usable
        },
        hub: () => hubAccess(settings.current, secrets),
      },
      settings: () => settings.current,
      onProblem,
      left: {
        bytes: async (job) => (await harvests.leftBy(job)) + (await saesLeftBy(workspace.saes, job)),
        discard: async (job) => (await harvests.discard(job)) + (await discardSaes(workspace.saes, job)),
      },
    })
    const readers: HarvestReaders = new HarvestReaders({
      find: (id) => harvests.get(id),
      checkpoint: (manifest) => checkpointOf(manifest, models, resolve),
    })
    const harvests = new Harvests({
      ...{ workspace, jobs, onProblem },
      release: (id) => readers.release(id),
    })
    const models = new Models({ db, workspace, onProblem })
    const modelWith = ({ hash, name }: { readonly hash: string; readonly name: string }) =>
      models.list().find((model) => model.hash === hash && model.state === 'ready')?.checkpoint ??
      // one outside of workspaces is called by its folder
      (isAbsolute(name) && existsSync(join(name, 'config.json')) ? name : null)
    const indexes = new FeatureIndexes({ workspace, jobs, harvests, modelWith })
    const reports = new Reports(workspace, options.desktop)
    jobs.changed.listen((change) => {
      harvests.heed(change)
      reports.heed(change)
      if (change.type !== 'put' || change.job.state !== 'done') return
      const { kind } = change.job
      // what was found without the provider says nothing about the machine with it
      if (kind === 'setup-cuda') devices.probeAgain()
      if (kind === 'import' || kind === 'download') void models.reconcile()
    })
    await models.reconcile()
    const steering = new Steering({ workspace, models, engine })
    const sessions = new Sessions(db, workspace.database)
    const parts = {
      ...{ kind: options.kind, version: options.version, desktop: options.desktop },
      ...{ workspace, machine, settings, devices, jobs, models, engine, secrets, problems },
    }
    const removable = {
      ...modelHandlers(parts),
      ...saeHandlers(workspace, jobs, devices, curves, (folder) => indexes.releaseSae(folder)),
    }
    const demo = demoOf({
      ...{ db: opened, workspace, jobs, models, harvests, indexes, steering, sessions },
      ...{ reports, handlers: removable, onProblem },
    })
    const service = new Service(
      contract,
      {
        ...removable,
        ...hostHandlers(parts),
        ...deviceHandlers(devices),
        ...settingsHandlers(parts),
        ...jobHandlers(jobs, reader),
        ...harvestHandlers({ workspace, jobs, devices, harvests, readers, resolve }),
        ...generationHandlers(engine, resolve),
        ...featureHandlers({ workspace, indexes, engine, modelWith }),
        ...steeringHandlers(steering, sessions),
        ...labHandlers(opened, { workspace, indexes, engine, modelWith }),
        ...reports.handlers(),
        ...reportDraftHandlers(opened, workspace.database),
        ...corpusHandlers(resolve, () => hubAccess(settings.current, secrets)),
        ...demo.handlers,
      },
      { app: `Monoscope ${options.version}`, onBug: onProblem },
    )
    // only a host that serves the page has tabs that come back
    const tabs = options.endpoint?.assets === undefined ? undefined : await Tabs.open(workspace.path)
    const last = tabs?.port
    const endpoint = await openEndpoint(service, options.version, options.endpoint, tabs, {
      ...{ models, engine, steering },
    })
    if (last !== undefined && tabs?.port !== last && options.endpoint?.port === undefined) {
      onProblem(toErrorData(portTaken(last)))
    }
    const announce = () => lock.announce(endpoint)
    if (options.announced ?? true) await announce()
    await demo.open(options.demo ?? false)
    return {
      service,
      workspace,
      url: `${endpoint.url}/#token=${endpoint.token}`,
      announce,
      close: async () => {
        demo.close()
        await Promise.all([
          jobs.close(CLOSING_GRACE),
          devices.close(),
          engine.close(),
          readers.close(),
          indexes.close(),
        ])
        await models.close()
        service.close(toErrorData(expected('host/closing', 'Monoscope is closing.')))
        await endpoint.close()
        await Promise.all([reader.close(), curves.close()])
        opened.close()
        await lock.release()
      },
    }
  } catch (error) {
    db?.close()
    await lock.release()
    throw error
  }
}

/** The folder of a model with the harvest's hash, else of the one it names outside the workspace; null without either. */
async function checkpointOf(
  { model, config }: HarvestManifest,
  models: Models,
  resolve: (model: string) => Promise<ResolvedModel>,
): Promise<string | null> {
  const same = models.list().find(({ hash, state }) => hash === model.hash && state === 'ready')
  if (same) return same.checkpoint
  const named = await resolve(config.model).catch(() => null)
  return named?.hash === null ? named.folder : null
}

/** The title of the job that works on a device now. */
function jobOnDevice(jobs: Jobs): string | null {
  const running = jobs.list(JOBS_LOOKED_AT).filter(({ state }) => state === 'running')
  return running.find(({ kind }) => kindOf(kind as JobKindId).needsDevice)?.title ?? null
}

function portTaken(port: number) {
  return expected(
    'serve/port-taken',
    `Port ${port}, where Monoscope was the last time, is in use by something else, so it is at another one.`,
    'Pages that are still open need the new link.',
  )
}
