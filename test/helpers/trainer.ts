// A training run as a process of its own, which can be killed: it is sent its order, and tells each step that is done.
import { train, type TrainingOrder } from '../../src/main/sae/train.ts'

process.once('message', (order: TrainingOrder) => {
  const work = {
    onProgress: (steps: number) => process.send?.(steps),
    onPlan: () => undefined,
    stopping: false,
    checkpoint: () => Promise.resolve(),
  }
  void train(order, work).then(() => process.exit(0))
})
