// Where the window was: remembered across starts, and forgotten when it would lie off every screen.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomic } from '../store/atomic.ts'

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(400),
  height: z.number().int().min(300),
})
const stateSchema = z.object({ bounds: boundsSchema, maximized: z.boolean() })

export type Bounds = z.infer<typeof boundsSchema>
export type WindowState = z.infer<typeof stateSchema>

/** Pixels of the window that must lie on a screen, so that it can be grabbed. */
const GRIP = 100

/** The state saved at `path` if the window would still be on one of the screens, else null. */
export function readWindowState(path: string, screens: readonly Bounds[]): WindowState | null {
  try {
    const state = stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return screens.some((screen) => overlap(state.bounds, screen)) ? state : null
  } catch {
    return null
  }
}

export function saveWindowState(path: string, state: WindowState): Promise<void> {
  return writeFileAtomic(path, JSON.stringify(state))
}

function overlap(window: Bounds, screen: Bounds): boolean {
  const width = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x)
  const height = Math.min(window.y + window.height, screen.y + screen.height) - Math.max(window.y, screen.y)
  return width >= GRIP && height >= GRIP
}
