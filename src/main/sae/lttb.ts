// Fewer points of a curve that keep its shape: Largest-Triangle-Three-Buckets (Steinarsson, 2013).

/** The places of at most `count` of the points, ascending; the first and the last are among them. */
export function downsampled(x: ArrayLike<number>, y: ArrayLike<number>, count: number): number[] {
  const length = x.length
  if (length <= count || count < 3) return Array.from({ length }, (_, place) => place)
  const places = [0]
  const size = (length - 2) / (count - 2)
  let before = 0
  for (let bucket = 0; bucket < count - 2; bucket++) {
    const from = 1 + Math.floor(bucket * size)
    const to = 1 + Math.floor((bucket + 1) * size)
    const end = Math.min(length, 1 + Math.floor((bucket + 2) * size))
    let [meanX, meanY] = [0, 0]
    for (let place = to; place < end; place++) {
      meanX += x[place]! / (end - to)
      meanY += y[place]! / (end - to)
    }
    if (to >= length - 1) [meanX, meanY] = [x[length - 1]!, y[length - 1]!]
    let [largest, chosen] = [-1, from]
    for (let place = from; place < to; place++) {
      const area = Math.abs(
        (x[before]! - meanX) * (y[place]! - y[before]!) - (x[before]! - x[place]!) * (meanY - y[before]!),
      )
      if (area > largest) [largest, chosen] = [area, place]
    }
    places.push(chosen)
    before = chosen
  }
  return [...places, length - 1]
}
