// What each task of the demo is: its job with the parameters, what it makes, and how one sees that this is still there.
import { join } from 'node:path'
import { demoHarvest } from '../../../shared/demo.ts'
import { expected } from '../../../shared/errors.ts'
import type { ImportedModel } from '../../../shared/imported.ts'
import { type JobKindId, jobKinds, type JobParams, type JobResult } from '../../../shared/jobs/kinds.ts'
import type { Harvest } from '../../../shared/harvests.ts'
import { trainPresets } from '../../../shared/sae-presets.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import type { FeatureIndexes } from '../feature-indexes.ts'
import type { Models } from '../models.ts'
import type { Reports } from '../reports.ts'
import type { Sessions } from '../sessions.ts'
import { demoReport } from './demo-report.ts'
import type { DemoTasks } from './demo-run.ts'
import { demoFile, demoModel } from './bundled-demo.ts'
import { type SteerOnceParts, steerOnce } from './steer-once.ts'

export interface DemoTaskParts extends SteerOnceParts {
  readonly models: Pick<Models, 'list' | 'reconcile'>
  readonly harvests: { list(): Promise<Harvest[]> }
  readonly saes: () => Promise<SaeEntry[]>
  readonly indexes: FeatureIndexes
  readonly sessions: Sessions
  readonly reports: Pick<Reports, 'list'>
}

const CORPUS = 'corpus/demo.jsonl.zst'
/** As the Models page names it. */
const NAME = 'Demo model'

export function demoTasks(parts: DemoTaskParts): DemoTasks {
  const { models, harvests, saes, indexes, sessions, reports } = parts
  const ready = (found: { readonly id: string; readonly state: string } | undefined) =>
    found?.state === 'ready'
  return {
    import: {
      ...{ kind: 'import', product: 'model' },
      params: () => ({ path: bundled(demoModel()), as: 'model', name: NAME }) satisfies Params<'import'>,
      outcome: (result) => {
        const { id, parameters, bytes, already } = resultOf('import', result) as ImportedModel
        return { made: { model: id }, figures: { parameters, bytes, already } }
      },
      stands: async ({ model }) => {
        await models.reconcile()
        return ready(models.list().find(({ id }) => id === model))
      },
    },
    harvest: {
      ...{ kind: 'harvest', product: 'harvest' },
      params: ({ model }) =>
        ({ ...demoHarvest, model: model!, corpus: bundled(demoFile(CORPUS)) }) satisfies Params<'harvest'>,
      outcome: (result) => {
        const { id, tokens, tokensPerSecond, contexts, documents, bytes } = resultOf('harvest', result)
        return { made: { harvest: id }, figures: { tokens, tokensPerSecond, contexts, documents, bytes } }
      },
      stands: async ({ harvest }) => ready((await harvests.list()).find(({ id }) => id === harvest)),
    },
    train: {
      ...{ kind: 'train', product: 'SAE' },
      params: ({ harvest }) =>
        ({
          harvest: harvest!,
          ...trainPresets.find(({ id }) => id === 'demo')!.settings(null),
        }) satisfies Params<'train'>,
      outcome: (result) => {
        const { id, steps, fvu, l0, deadShare, tokensPerSecond, bytes } = resultOf('train', result)
        return { made: { sae: id }, figures: { steps, fvu, l0, deadShare, tokensPerSecond, bytes } }
      },
      stands: async ({ sae }) => ready((await saes()).find(({ id }) => id === sae)),
    },
    evaluate: {
      ...{ kind: 'evaluate', product: null },
      params: ({ sae }) => ({ sae: sae! }) satisfies Params<'evaluate'>,
      outcome: (result) => {
        const { rows, fvu, l0, deadShare, ceRecovered, kl } = resultOf('evaluate', result)
        return { made: {}, figures: { rows, fvu, l0, deadShare, ceRecovered, kl } }
      },
      stands: () => Promise.resolve(true),
    },
    index: {
      ...{ kind: 'index', product: 'index' },
      params: ({ sae, harvest }) => ({ sae: sae!, harvest: harvest! }) satisfies Params<'index'>,
      outcome: (result) => {
        const { harvest, features, alive, rows, contexts, codes, bytes } = resultOf('index', result)
        return { made: { index: harvest }, figures: { features, alive, rows, contexts, codes, bytes } }
      },
      stands: async ({ sae, index }) => {
        const found = await indexes.list(sae!).catch(() => [])
        return found.some(({ harvest, state }) => harvest === index && state === 'ready')
      },
    },
    steer: {
      product: 'steering session',
      work: (made, signal) => steerOnce(parts, made, signal),
      stands: ({ session }) => Promise.resolve(sessions.list().some(({ id }) => id === session)),
    },
    report: {
      ...{ kind: 'report', product: 'report' },
      params: (made) => demoReport(indexes, made) satisfies Promise<Params<'report'>>,
      outcome: (result) => {
        const { id, path, features, bytes } = resultOf('report', result)
        return { made: { report: id }, figures: { features, bytes, path: join(path, 'report.html') } }
      },
      stands: async ({ report }) => (await reports.list()).some(({ id }) => id === report),
    },
  }
}

/** The fields that have no default, and others. */
type Params<K extends JobKindId> = Partial<JobParams<K>>

function resultOf<K extends JobKindId>(kind: K, result: unknown): JobResult<K> {
  return jobKinds[kind].result.parse(result) as JobResult<K>
}

/** Throws `demo/left-out`. */
function bundled(path: string | null): string {
  if (path !== null) return path
  throw expected(
    'demo/left-out',
    'The model and the corpus of the demo did not come with this Monoscope.',
    'Import a model and harvest a corpus of your own.',
  )
}
