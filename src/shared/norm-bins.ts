// How norms are counted: bins of their logarithm, by groups of positions in a context.

/** From 2^first on, so many bins for each doubling; the first and the last hold all beyond them too. */
export const normBins = { first: -4, perDoubling: 4, count: 80 }
/** Positions that have a group of their own; from there on, those of one doubling share one. */
const OWN = 8

/** The index of the bin of a norm. */
export function normBin(norm: number): number {
  return Math.min(Math.max(unboundedBin(norm), 0), normBins.count - 1)
}

/** The same, were there bins for all norms. */
function unboundedBin(norm: number): number {
  return Math.floor(binPlace(norm))
}

/** Where a norm is, counted in bins: 3.5 is in the middle of the fourth. */
export function binPlace(norm: number): number {
  return (Math.log2(norm) - normBins.first) * normBins.perDoubling
}

/** The smallest norm of a bin; that of the next is where it ends. */
export function binStart(bin: number): number {
  return 2 ** (normBins.first + bin / normBins.perDoubling)
}

/** The index of the group a position belongs to. */
export function positionGroup(position: number): number {
  return position < OWN ? position : OWN + Math.floor(Math.log2(position / OWN))
}

/** The positions of a group: "0" … "7", "8–15", "16–31" and so on. */
export function groupName(group: number): string {
  if (group < OWN) return String(group)
  const first = OWN * 2 ** (group - OWN)
  return `${first}–${2 * first - 1}`
}
