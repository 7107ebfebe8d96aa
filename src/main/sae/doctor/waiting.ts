// The diagnosis of training that waits for its rows instead of working on them.
import { formatPercent } from '../../../shared/units.ts'
import { type Diagnosis, type Seen, short } from './seen.ts'

/** Loading is to take no more of the time. */
const WAITING = 0.05
/** Seconds; what is over sooner is not worth a word. */
const NOTICED = 10

export function waiting({ config, waits, last }: Seen): Diagnosis | null {
  const seconds = waits.secondsByBatch * config.batch
  if (waits.share <= WAITING || seconds < NOTICED) return null
  return {
    ...{ id: 'rows-awaited', severity: 'warning' },
    evidence: `Up to step ${last.step}, ${formatPercent(waits.share)} of the time, ${short(seconds)} s, passed while rows were waited for.`,
    ...(config.live
      ? {
          knob: 'live',
          advice:
            'The model and the steps take turns on one device: harvest the corpus once, and train on the harvest, above all where it is read more than once.',
        }
      : {
          knob: 'harvest.encoding',
          advice: 'Keep the harvest on a faster disk, or harvest as int8, which is half as much to read.',
        }),
  }
}
