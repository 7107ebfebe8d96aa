// Sweet spots that sweeps have found, for the sliders they are of; they count while nothing else has changed.
import { create } from 'zustand'
import type { SteeringSetup } from '../../shared/steering-sessions.ts'
import { stripKey } from './steering-setup.ts'

const useSpots = create<{ readonly spots: ReadonlyMap<string, number> }>(() => ({ spots: new Map() }))

export function rememberSweetSpot(setup: SteeringSetup, slider: number, spot: number): void {
  useSpots.setState(({ spots }) => ({ spots: new Map([...spots, [stripKey(setup, slider, []), spot]]) }))
}

/** Null where none is known. */
export function useSweetSpot(setup: SteeringSetup, slider: number): number | null {
  return useSpots(({ spots }) => spots.get(stripKey(setup, slider, [])) ?? null)
}
