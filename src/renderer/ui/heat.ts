// The shade of an activation as a colour of the page.

/** A background of that opacity; undefined for none. `color` is the name of a property of the style sheet. */
export function heatColor(heat: number, color = '--heat-full'): string | undefined {
  return heat === 0 ? undefined : `color-mix(in srgb, var(${color}) ${(100 * heat).toFixed(1)}%, transparent)`
}
