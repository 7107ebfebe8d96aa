// How an SAE is called and described in a line.
import type { SaeEntry } from '../../shared/saes.ts'
import { inputWords } from '../../shared/training-input.ts'
import { formatCount, formatPercent } from '../../shared/units.ts'

/** "topk × 1,536", and of a sweep "topk × 1,536, k = 16". */
export function saeName({ id, config, sweep, done }: SaeEntry): string {
  const which = sweep ? `, ${sweep.name}` : ''
  if (config) return `${config.variant} × ${formatCount(config.width)}${which}`
  return done ? `${done.architecture} × ${formatCount(done.features)}` : id
}

/** Where it belongs, and how well it explains rows it never saw. */
export function saeWords({ config, done }: SaeEntry): string {
  const place = done ? [done.model, done.hook] : [config && inputWords(config)]
  const figures = done?.validation
    ? [
        `${formatPercent(done.validation.fvu)} unexplained`,
        `L0 ${Number(done.validation.l0.toPrecision(3))}`,
        `${formatPercent(done.validation.dead)} dead`,
      ]
    : []
  const recovered = done?.evaluation
    ? [`${formatPercent(done.evaluation.ceRecovered)} of the loss recovered`]
    : []
  return [...place, ...figures, ...recovered].filter((part) => part !== null).join(' · ')
}
