// Where one text leaves another, and what both still have in common behind that.

export interface TokenDiff {
  /** The first place at which both have a token and not the same one; null while there is none. */
  readonly leaves: number | null
  /** Of each token of the one and of the other: 1 where both have it, in the same order. */
  readonly common: readonly [Uint8Array, Uint8Array]
}

/** Tokens in a row that must agree behind the place where the texts part: single ones do so by chance. */
const LEAST = 3
/** Pairs of tokens that are compared; of longer texts only the beginnings are. */
const MOST = 4_000_000

/** `a` and `b` are token ids. */
export function tokenDiff(a: readonly number[], b: readonly number[]): TokenDiff {
  const shorter = Math.min(a.length, b.length)
  let same = 0
  while (same < shorter && a[same] === b[same]) same++
  const common = [
    new Uint8Array(a.length).fill(1, 0, same),
    new Uint8Array(b.length).fill(1, 0, same),
  ] as const
  if (same === shorter) return { leaves: null, common }
  markRuns(a, b, same, common)
  return { leaves: same, common }
}

/** The longest common subsequence from `from` on, without runs that are too short to mean something. */
function markRuns(
  a: readonly number[],
  b: readonly number[],
  from: number,
  [inA, inB]: TokenDiff['common'],
): void {
  const [rows, columns] = [a.length - from, b.length - from]
  if (rows * columns > MOST) return
  const width = columns + 1
  // how many tokens the rests from here on have in common
  const lengths = new Uint16Array((rows + 1) * width)
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const at = row * width + column
      lengths[at] =
        a[from + row] === b[from + column]
          ? lengths[at + width + 1]! + 1
          : Math.max(lengths[at + width]!, lengths[at + 1]!)
    }
  }
  let [row, column] = [0, 0]
  while (row < rows && column < columns) {
    if (a[from + row] !== b[from + column]) {
      if (lengths[(row + 1) * width + column]! >= lengths[row * width + column + 1]!) row++
      else column++
      continue
    }
    const begin = row
    while (row < rows && column < columns && a[from + row] === b[from + column]) {
      row++
      column++
    }
    const length = row - begin
    if (length < LEAST) continue
    inA.fill(1, from + begin, from + row)
    inB.fill(1, from + column - length, from + column)
  }
}
