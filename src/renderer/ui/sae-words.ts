// How an SAE is called and described in a line.
import type { SaeEntry } from '../../shared/saes.ts'
import { inputWords } from '../../shared/training-input.ts'
import { formatCount, formatPercent } from '../../shared/units.ts'

/** SAEs that can be laid over each other: as many as there are colours for. */
export const MOST_COMPARED = 5

/** "topk × 1,536", of a sweep "topk × 1,536, k = 16", or the name it was imported under. */
export function saeName({ id, config, sweep, origin, done }: SaeEntry): string {
  if (origin) return origin.name
  const which = sweep ? `, ${sweep.name}` : ''
  if (config) return `${config.variant} × ${formatCount(config.width)}${which}`
  return done ? `${done.architecture} × ${formatCount(done.features)}` : id
}

/** Where it belongs, and how well it explains rows it never saw. */
export function saeWords({ config, origin, done }: SaeEntry): string {
  const place = done ? [done.model, done.hook] : [config && inputWords(config)]
  const kind = origin && done ? [`${done.architecture} × ${formatCount(done.features)}`] : []
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
  return [...kind, ...place, ...figures, ...recovered].filter((part) => part !== null).join(' · ')
}

/** Their names; those that several share with the end of the id, by which they differ. */
export function uniqueNames(saes: readonly SaeEntry[]): string[] {
  const names = saes.map(saeName)
  return names.map((name, at) =>
    names.filter((other) => other === name).length > 1 ? `${name} (${saes[at]!.id.slice(-6)})` : name,
  )
}
