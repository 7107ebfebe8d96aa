// What the benches say of several measurements.

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of the mean of independent values. */
export function standardError(values: readonly number[]): number {
  const middle = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1) / values.length)
}

/** "12 to 15", rounded to `digits`. */
export function spread(values: readonly number[], digits = 0): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`
}

/**
 * Each of `sides` in turn, `rounds` times after one that warms up and does not count, so that what else the machine does
 * falls on all of them alike.
 */
export async function takingTurns(
  rounds: number,
  sides: readonly (() => Promise<number>)[],
): Promise<number[][]> {
  const results = sides.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, side] of sides.entries()) {
      const value = await side()
      if (round > 0) results[index]!.push(value)
    }
  }
  return results
}
