// What a moving slider shows: told past React, for each frame counts.
import { create } from 'zustand'

interface Scrub {
  /** Of the strip the text that is shown instead of the last one; null while no slider moves. */
  readonly place: number | null
  /** Where the thumb is. */
  readonly thumb: number
}

/** Read by `subscribe`; a component that selected from it would render with each frame. */
export const scrubber = create<Scrub>(() => ({ place: null, thumb: 0 }))

export function scrubTo(place: number | null, thumb: number): void {
  scrubber.setState({ place, thumb })
}
