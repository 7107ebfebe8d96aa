// Whether the palette is open, and which of its entries Enter takes.
import { createSpotlight } from '@mantine/spotlight'

export const [paletteStore, palette] = createSpotlight()

/** The first entry, as the arrow keys would choose it. */
export function selectFirst(): void {
  const list = document.getElementById(paletteStore.getState().listId)
  const [first, ...others] = list?.querySelectorAll('[data-action]') ?? []
  for (const other of others) other.removeAttribute('data-selected')
  first?.setAttribute('data-selected', 'true')
  paletteStore.updateState((state) => ({ ...state, selected: 0 }))
}
