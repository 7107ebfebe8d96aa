// The demo: the whole way with the model and the corpus that come with Monoscope, as every process sees it.
import { z } from 'zod'
import { errorDataSchema, type Job } from './jobs/job.ts'
import { fractionOf } from './jobs/progress.ts'
import { formatBytes, formatCount, formatPercent } from './units.ts'

/** What is done one after the other; all but the steering are jobs. */
export const demoTaskSchema = z.enum(['import', 'harvest', 'train', 'evaluate', 'index', 'steer', 'report'])
export type DemoTask = z.infer<typeof demoTaskSchema>
export const demoTasks = demoTaskSchema.options

/** What people count. */
interface DemoStep {
  /** While it is under way. */
  readonly doing: string
  /** Of what it makes. */
  readonly page: '/models' | '/activations' | '/sae' | '/features' | '/steering' | '/report'
  readonly tasks: readonly DemoTask[]
}

export const demoSteps: readonly DemoStep[] = [
  { doing: 'Importing the model', page: '/models', tasks: ['import'] },
  { doing: 'Harvesting activations', page: '/activations', tasks: ['harvest'] },
  { doing: 'Training an SAE', page: '/sae', tasks: ['train', 'evaluate'] },
  { doing: 'Indexing its features', page: '/features', tasks: ['index'] },
  { doing: 'Steering by one of them', page: '/steering', tasks: ['steer'] },
  { doing: 'Writing a report', page: '/report', tasks: ['report'] },
]

/** Of its harvest: the model's middle, where features are less often single words than below and still say what was read. */
export const demoHarvest = {
  ...{ layer: 3, tokens: 400_000, sample: 'equal' },
  ...{ stratumField: 'meta.pile_set_name', languageField: 'meta.lang' },
} as const

/** Ids of what it has made; of the index that of its harvest. */
export const demoMadeSchema = z
  .object({
    model: z.string(),
    harvest: z.string(),
    sae: z.string(),
    index: z.string(),
    session: z.string(),
    report: z.string(),
  })
  .partial()
export type DemoMade = z.infer<typeof demoMadeSchema>

const figuresSchema = z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]))
export type DemoFigures = z.infer<typeof figuresSchema>

const finishedSchema = z.object({
  task: demoTaskSchema,
  /** Null for what the host did itself. */
  job: z.string().nullable(),
  seconds: z.number().nonnegative(),
  /** What came of it, by name. */
  figures: figuresSchema,
})
export type DemoFinished = z.infer<typeof finishedSchema>

export const demoSchema = z.object({
  /**
   * `none`: never begun; `unwanted`: the workspace had been used before; `stopped`: `error` says why; `skipped`: by a
   * person. Only `none` begins by itself, and only `running` goes on by itself when the host starts again.
   */
  state: z.enum(['none', 'unwanted', 'running', 'stopped', 'skipped', 'done']),
  /** In their order. */
  finished: z.array(finishedSchema),
  made: demoMadeSchema,
  /** Of the task under way, or of the one that did not get to its end. */
  job: z.string().nullable(),
  /** Seconds that this task took before it was last begun again. */
  spent: z.number().nonnegative(),
  error: errorDataSchema.nullable(),
  /** There is nothing more to say of how it ended. */
  dismissed: z.boolean(),
  /** The tour was neither taken nor skipped yet. */
  tour: z.boolean(),
})
export type Demo = z.infer<typeof demoSchema>

export const noDemo: Demo = {
  ...{ state: 'none', finished: [], made: {}, job: null, spent: 0 },
  ...{ error: null, dismissed: false, tour: true },
}

/** Undefined once all are finished. */
export function nextTask({ finished }: Pick<Demo, 'finished'>): DemoTask | undefined {
  return demoTasks[finished.length]
}

/** The step that the demo is at, counted from 1; the last once it is done. */
export function demoStep(demo: Pick<Demo, 'finished'>): DemoStep & { readonly number: number } {
  const task = nextTask(demo)
  const at = task === undefined ? -1 : demoSteps.findIndex(({ tasks }) => tasks.includes(task))
  const place = at < 0 ? demoSteps.length - 1 : at
  return { ...demoSteps[place]!, number: place + 1 }
}

/** The page with the progress of what is under way: of a harvest or an SAE its own, which is called as its job. */
export function demoPlace(demo: Demo): string {
  const { page } = demoStep(demo)
  const own = { harvest: demo.job, train: demo.job, evaluate: demo.made.sae }
  const id = own[nextTask(demo) as keyof typeof own]
  return id == null ? page : `${page}/${id}`
}

export function demoSeconds({ finished }: Pick<Demo, 'finished'>): number {
  return finished.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Seconds that each task takes on two cores of an AMD EPYC; how another machine compares is seen by what is finished. */
const usual: Readonly<Record<DemoTask, number>> = {
  ...{ import: 1, harvest: 10, train: 28, evaluate: 2 },
  ...{ index: 10, steer: 1, report: 1 },
}
/** Seconds for which the machine is taken to be such a one. */
const PRIOR = 5

/** How much of the whole is done, and how many seconds are left; `job` is that of the task under way. */
export function demoProgress(
  demo: Demo,
  job: Pick<Job, 'progress'> | undefined,
): { readonly fraction: number; readonly secondsLeft: number } {
  const sum = (tasks: readonly DemoTask[]) => tasks.reduce((seconds, task) => seconds + usual[task], 0)
  const task = nextTask(demo)
  const done = sum(demo.finished.map((each) => each.task))
  const pace = (demoSeconds(demo) + PRIOR) / (done + PRIOR)
  const of = job === undefined ? 0 : (fractionOf(job.progress) ?? 0)
  const current = task === undefined ? 0 : usual[task]
  const later = sum(demoTasks.slice(demo.finished.length + 1))
  const told = job && secondsOf(job)
  return {
    fraction: (done + current * of) / sum(demoTasks),
    secondsLeft: (told ?? pace * current * (1 - of)) + pace * later,
  }
}

/** What the job itself says; null where that is of one step of several, or not known. */
function secondsOf({ progress }: Pick<Job, 'progress'>): number | null {
  return progress.phase === 'working' && progress.stepCount === 1 ? progress.secondsLeft : null
}

/** A figure as people read it. */
export function figureWords(name: string, value: DemoFigures[string]): string {
  if (typeof value !== 'number') return String(value ?? '–')
  if (/^(fvu|deadShare|ceRecovered)$/.test(name)) return formatPercent(value)
  if (name === 'bytes') return formatBytes(value)
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(3)))
}
