// Numbers in ascending order, as contexts are listed.

/** Where `wanted` is among ascending numbers; −1 where it is not. */
export function placeOf(ascending: Uint32Array, wanted: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low <= high) {
    const middle = (low + high) >>> 1
    const found = ascending[middle]!
    if (found === wanted) return middle
    if (found < wanted) low = middle + 1
    else high = middle - 1
  }
  return -1
}
