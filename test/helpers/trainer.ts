// A training run as a process of its own that is sent its order, and when to kill itself: told from outside, it could be done before that arrives.
import { train, type TrainingOrder } from '../../src/main/sae/train.ts'

export interface KilledTraining {
  readonly order: TrainingOrder
  /** Runs of the device, and milliseconds after them. */
  readonly runs: number
  readonly wait: number
}

process.once('message', ({ order, runs, wait }: KilledTraining) => {
  let done = 0
  const work = {
    onProgress: () => {
      if (++done === runs) setTimeout(() => process.kill(process.pid, 'SIGKILL'), wait)
    },
    onPlan: () => undefined,
    stopping: false,
    checkpoint: () => Promise.resolve(),
  }
  void train(order, work).then(() => process.exit(0))
})
