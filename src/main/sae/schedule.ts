// How learning rate and sparsity change from step to step; both are functions of the step alone.
import type { TrainConfig } from '../../shared/sae.ts'

type Schedule = Pick<TrainConfig, 'rate' | 'warmup' | 'decay' | 'decayShare' | 'sparsityWarmup'>

/** The learning rate of step `step`, counted from 0, of `steps`. */
export function rateAt(step: number, steps: number, { rate, warmup, decay, decayShare }: Schedule): number {
  const rising = warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup)
  const falling = Math.round(steps * decayShare)
  const left = steps - step
  if (decay === 'none' || left > falling) return rate * rising
  const share = left / (falling + 1)
  return rate * rising * (decay === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2)
}

/** What the sparsity term of step `step` is multiplied by. */
export function warmAt(step: number, { sparsityWarmup }: Schedule): number {
  return sparsityWarmup === 0 ? 1 : Math.min(1, (step + 1) / sparsityWarmup)
}
