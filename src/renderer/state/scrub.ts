// Which text of a strip is shown while a slider moves: of those that are finished the one nearest to the thumb.

/**
 * Its place among `strengths`; null while none is finished. Of two that are equally near, the one that is steered less.
 */
export function nearestFinished(
  strengths: readonly number[],
  finished: readonly boolean[],
  thumb: number,
): number | null {
  let best: number | null = null
  for (const [place, strength] of strengths.entries()) {
    if (finished[place] !== true) continue
    if (best === null) {
      best = place
      continue
    }
    const [known, own] = [Math.abs(strengths[best]! - thumb), Math.abs(strength - thumb)]
    if (own < known || (own === known && Math.abs(strength) < Math.abs(strengths[best]!))) best = place
  }
  return best
}
