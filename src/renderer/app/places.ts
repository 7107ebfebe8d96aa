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

/** Beside the stages: what several of them use. */
export const benchPlaces: readonly (Place & { readonly purpose: string })[] = [
  {
    path: '/models',
    title: 'Models',
    key: 'm',
    ready: false,
    purpose: 'Bring in models and autoencoders, and see which of them fit this machine.',
  },
  {
    path: '/prompts',
    title: 'Prompt lab',
    key: 'p',
    ready: false,
    purpose: 'Keep sets of prompts, and compare what features make of them.',
  },
]

export const otherPlaces: readonly Place[] = [
  { path: '/jobs', title: 'Jobs', key: 'j', ready: true },
  { path: '/device', title: 'Device', key: 'd', ready: true },
  { path: '/settings', title: 'Settings', key: ',', ready: true },
]

/** All of them, in the order of the rail. */
export const places: readonly Place[] = [...stagePlaces, ...benchPlaces, ...otherPlaces]
