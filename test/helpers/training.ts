// Trains SAEs on a small harvest in this process, or in one that kills itself, and looks at what came of it.
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TrainingCheckpoint, readCommon } from '../../src/main/sae/training-checkpoint.ts'
import {
  type Trained,
  type TrainedMember,
  type TrainingOrder,
  type TrainingWork,
  train,
} from '../../src/main/sae/train.ts'
import { openForReading } from '../../src/main/store/database.ts'
import { readSteps, readValidations } from '../../src/main/store/training-metrics.ts'
import { type TrainConfig, trainConfigSchema } from '../../src/shared/sae.ts'
import { cpuWith } from './llama.ts'
import { smallHarvest } from './small-harvest.ts'
import { temporaryFolder } from './temporary.ts'
import type { KilledTraining } from './trainer.ts'

const device = cpuWith()

export const trainingDefaults: Partial<TrainConfig> = {
  ...{ width: 64, k: 4, batch: 64, tokens: 64 * 60, rate: 3e-3, warmup: 5, sparsityWarmup: 5 },
  ...{ validateEvery: 25, deadAfter: 64 * 20, checkpointMinutes: 60 },
}

const trainerEntry = fileURLToPath(new URL('trainer.ts', import.meta.url))

/** What a training throws that was stopped where a test wanted it. */
export class StoppedHere extends Error {}

export async function trainer(changes: Partial<TrainConfig> = {}) {
  const root = await temporaryFolder()
  const harvest = { folder: join(root, 'harvest'), manifest: await smallHarvest(join(root, 'harvest')) }
  const config = trainConfigSchema.parse({ harvest: harvest.folder, ...trainingDefaults, ...changes })
  const order = (folder: string, now: Partial<TrainConfig> = {}): TrainingOrder => ({
    ...{ folder, config: { ...config, ...now }, input: { harvest }, device, memory: null },
  })
  const all = async (folder: string, stopAt = Infinity, now: Partial<TrainConfig> = {}): Promise<Trained> => {
    let done = 0
    const work: TrainingWork = {
      onProgress: (steps) => (done = steps),
      onPlan: () => undefined,
      // while steps run nothing is heard: that it is to stop is told by the next checkpoint
      stopping: false,
      checkpoint: () => (done >= stopAt ? Promise.reject(new StoppedHere()) : Promise.resolve()),
    }
    return await train(order(folder, now), work)
  }
  return {
    harvest,
    folder: (name: string) => join(root, name),
    /** Stops once so many steps are done, as a job that is asked to. */
    all,
    /** Of one SAE alone. */
    run: async (...given: Parameters<typeof all>): Promise<TrainedMember> =>
      (await all(...given)).members[0]!,
    /** See `killedTraining`. */
    killed: (folder: string, runs: number, wait: number) => killedTraining(order(folder), runs, wait),
  }
}

/** Trains in a process that kills itself so many milliseconds after so many runs of the device; resolves to how it ended. */
export async function killedTraining(order: TrainingOrder, runs: number, wait: number): Promise<unknown[]> {
  const child = fork(trainerEntry, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exit = once(child, 'exit')
  child.send({ order, runs, wait } satisfies KilledTraining)
  return (await exit) as unknown[]
}

/** Of every tensor of a state. */
export function digest({ state }: Pick<TrainedMember, 'state'>): string {
  const hash = createHash('sha256')
  for (const [name, { data }] of Object.entries(state).sort(([a], [b]) => a.localeCompare(b))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

/** What every step and validation told, but for how fast it was. */
export function metricsOf(folder: string) {
  const db = openForReading(join(folder, 'metrics.sqlite'))
  try {
    const steps = readSteps(db).map(({ rowsPerSecond: _, waiting: __, ...step }) => step)
    return { steps, validations: readValidations(db) }
  } finally {
    db.close()
  }
}

export async function newestCheckpoint(folder: string): Promise<TrainingCheckpoint | undefined> {
  return (await readCommon([join(folder, 'checkpoints')]))?.[0]
}
