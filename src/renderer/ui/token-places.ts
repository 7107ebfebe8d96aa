// Tokens as places in a row of elements, each with its number as `data-place`: which one the pointer or a key leads to.

/** The place an element belongs to; undefined between them. */
export function placeOf(target: EventTarget): number | undefined {
  const place = (target as HTMLElement).closest<HTMLElement>('[data-place]')?.dataset.place
  return place === undefined ? undefined : Number(place)
}

/** Where an arrow key, Home or End leads from `place` among `length`; undefined for other keys, and where there are none. */
export function placeByKey(key: string, place: number, length: number): number | undefined {
  const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: length - 1 }[key]
  if (to === undefined || length === 0) return undefined
  return Math.min(length - 1, Math.max(0, to))
}

/** The same where none was come to yet: forwards from the first, backwards from the last. */
export function placeByFirstKey(key: string, length: number): number | undefined {
  return placeByKey(key, key === 'ArrowRight' ? -1 : length, length)
}
