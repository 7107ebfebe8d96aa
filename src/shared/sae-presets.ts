// Settings of a training that are known to work, for three occasions; whoever takes one can change all of it.
import type { TrainConfig } from './sae.ts'

export interface TrainPreset {
  readonly id: string
  readonly label: string
  /** What it is for, in a sentence. */
  readonly note: string
  /** For rows of D numbers; null where nobody knows D yet. Fields that are not named have their defaults. */
  settings(D: number | null): Partial<TrainConfig>
}

/** Gao et al. (2024): a rate of 2e-4 for 2¹⁴ features, less for more. */
const rateFor = (F: number) => 2e-4 / Math.sqrt(F / 2 ** 14)

export const trainPresets: readonly TrainPreset[] = [
  {
    id: 'demo',
    label: 'Demo',
    note: 'Minutes on a CPU: for the demo model, and to see what training does.',
    settings: () => ({ variant: 'topk', width: 1536, k: 24, batch: 1024, tokens: 1_400_000, rate: 2e-3 }),
  },
  {
    id: 'careful',
    label: 'Careful',
    // Karvonen et al. (2025), the suites of SAEBench
    note: 'As the suites of SAEBench were trained: long, slow and wide, for figures to compare.',
    settings: (D) => ({
      ...{
        variant: 'batchtopk',
        width: 16 * (D ?? 1024),
        k: 40,
        batch: 2048,
        tokens: 500_000_000,
        rate: 3e-4,
      },
      ...{ warmup: 1000, sparsityWarmup: 5000, decay: 'linear', decayShare: 0.2 },
      ...{ deadAfter: 10_000_000, validateEvery: 1000 },
    }),
  },
  {
    id: 'llama',
    label: 'LLaMA-3.2-3B × 65,536',
    note: 'For a GPU with 24 GB and a harvest of 100 million rows, which it reads five times.',
    settings: () => ({
      ...{ variant: 'topk', width: 65_536, k: 64, batch: 4096, tokens: 500_000_000, rate: rateFor(65_536) },
      ...{ warmup: 1000, decay: 'linear', decayShare: 0.2, deadAfter: 10_000_000, validateEvery: 1000 },
    }),
  },
]
