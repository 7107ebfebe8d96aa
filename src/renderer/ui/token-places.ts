// Tokens as places in a row of elements, each with its number as `data-place`: which one the pointer or a key leads to.
import { type KeyboardEvent, useState } from 'react'

/** The place an element belongs to; undefined between them. */
export function placeOf(target: EventTarget): number | undefined {
  const place = (target as HTMLElement).closest<HTMLElement>('[data-place]')?.dataset.place
  return place === undefined ? undefined : Number(place)
}

/**
 * Where an arrow key, Home or End leads from `place` among `length`: from null, where none was come to yet, forwards to
 * the first and backwards to the last. Undefined for other keys, and where there are none.
 */
export function placeByKey(key: string, place: number | null, length: number): number | undefined {
  const from = place ?? (key === 'ArrowRight' ? -1 : length)
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: length - 1 }[key]
  if (to === undefined || length === 0) return undefined
  return Math.min(length - 1, Math.max(0, to))
}

/** The token that is looked at, null before the first; arrow keys, Home and End in the row of `length` tokens lead on. */
export function useTokenPlace(length: number) {
  const [place, setPlace] = useState<number | null>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const to = placeByKey(event.key, place, length)
    if (to === undefined) return
    event.preventDefault()
    setPlace(to)
  }
  return { place, setPlace, onKeyDown }
}
