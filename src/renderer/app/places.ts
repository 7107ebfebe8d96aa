// Every place the rail, the palette and the keyboard lead to, in the order of the work.
import { stages } from '../../shared/stages.ts'

export interface Place {
  readonly path: string
  readonly title: string
  /** Typed after "g". */
  readonly key: string
  /** False for what this version cannot do yet. */
  readonly ready: boolean
}

const STAGE_KEYS: Readonly<Record<string, string>> = {
  corpus: 'c',
  activations: 'a',
  sae: 'e',
  features: 'f',
  steering: 's',
  report: 'r',
}

export const stagePlaces: readonly Place[] = stages
  .filter((stage) => stage.page)
  .map(({ id, title, ready }) => ({ path: `/${id}`, title, ready, key: STAGE_KEYS[id] ?? '' }))

export const otherPlaces: readonly Place[] = [
  { path: '/jobs', title: 'Jobs', key: 'j', ready: true },
  { path: '/device', title: 'Device', key: 'd', ready: true },
  { path: '/settings', title: 'Settings', key: ',', ready: true },
]
