// Every place the rail, the palette and the keyboard lead to, in the order of the work.
import { type StageId, stages } from '../../shared/stages.ts'

export type PlaceId = StageId | 'models' | 'prompts' | 'jobs' | 'device' | 'settings'

export interface Place {
  readonly id: PlaceId
  readonly path: string
  readonly title: string
  /** Typed after "g". */
  readonly key: string
}

const STAGE_KEYS: Readonly<Partial<Record<StageId, string>>> = {
  corpus: 'c',
  activations: 'a',
  sae: 'e',
  features: 'f',
  steering: 's',
  report: 'r',
}

export const stagePlaces: readonly Place[] = stages
  .filter((stage) => stage.page)
  .map(({ id, title }) => ({ id, path: `/${id}`, title, key: STAGE_KEYS[id] ?? '' }))

/** Beside the stages: what several of them use. */
export const benchPlaces: readonly Place[] = [
  {
    id: 'models',
    path: '/models',
    title: 'Models',
    key: 'm',
  },
  {
    id: 'prompts',
    path: '/lab',
    title: 'Prompt lab',
    key: 'p',
  },
]

export const otherPlaces: readonly Place[] = [
  { id: 'jobs', path: '/jobs', title: 'Jobs', key: 'j' },
  { id: 'device', path: '/device', title: 'Device', key: 'd' },
  { id: 'settings', path: '/settings', title: 'Settings', key: ',' },
]

/** All of them, in the order of the rail. */
export const places: readonly Place[] = [...stagePlaces, ...benchPlaces, ...otherPlaces]
