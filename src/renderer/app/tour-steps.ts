// The four steps of the tour: on which page each is, what on it is meant, and when a person has gone on to the next.

/** Where a person is. */
export interface TourPlace {
  readonly path: string
  readonly search: Readonly<Record<string, unknown>>
}

interface TourAnchor {
  /** The first of these that is in sight is meant. */
  readonly selector: string
  readonly text: string
  /** What the button is called; a click presses what is meant, unless `goTo` or `ends` says otherwise. */
  readonly action: string
  readonly goTo?: { readonly to: '/features'; readonly search: { readonly q: string } }
  /** The step is over with the click. */
  readonly ends?: boolean
}

export interface TourStep {
  readonly title: string
  /** Its page, which the rail leads to. */
  readonly page: '/features' | '/steering' | '/report'
  /** What is said at the rail while a person is on another. */
  readonly lead: string
  isHere(place: TourPlace): boolean
  /** A person has done what it is about, with its button or without. */
  isPast(place: TourPlace): boolean
  readonly anchors: readonly TourAnchor[]
}

const opened = ({ path, search }: TourPlace) =>
  /^\/features\/[^/]+\/[^/]+\/\d+$/.test(path) || (path === '/features' && search.feature !== undefined)
const searched = ({ path, search }: TourPlace) =>
  path === '/features' && typeof search.q === 'string' && search.q !== ''
const steers = ({ path }: TourPlace) => path === '/steering'

const search = {
  selector: '[data-tour="search"]',
  action: 'Search for it',
  goTo: { to: '/features', search: { q: 'pain' } },
} as const

export const tourSteps: readonly TourStep[] = [
  {
    ...{ title: 'Search', page: '/features' },
    lead: 'The demo is done. Four steps show what it has made; the first is to look for features.',
    isHere: ({ path }) => path.startsWith('/features'),
    isPast: (place) => searched(place) || (steers(place) && place.search.feature !== undefined),
    anchors: [{ ...search, text: 'Features are found by the text they fire in. Search for “pain”.' }],
  },
  {
    ...{ title: 'Open a feature', page: '/features' },
    lead: 'The features are here.',
    isHere: ({ path }) => path.startsWith('/features'),
    isPast: (place) => opened(place) || (steers(place) && place.search.feature !== undefined),
    anchors: [
      {
        selector: '[data-tour="feature"]',
        text: 'The features that fire there more often than elsewhere, with the evidence. Open the first.',
        action: 'Open it',
      },
      { ...search, text: 'Search for “pain” to find a feature to open.' },
    ],
  },
  {
    ...{ title: 'Steer by it', page: '/steering' },
    lead: 'Here features are turned up and down while completions change.',
    isHere: (place) => opened(place) || steers(place),
    isPast: ({ path }) => path === '/report',
    anchors: [
      {
        selector: '[data-tour="steer"]',
        text: 'These are the contexts in which it is strongest. Turn it up, and see what the model writes then.',
        action: 'Steer by it',
      },
      {
        selector: '[data-tour="strength"]',
        text: 'Drag the slider: the text beside the unsteered one changes with it.',
        action: 'Next',
        ends: true,
      },
    ],
  },
  {
    ...{ title: 'Write it up', page: '/report' },
    lead: 'The last step: features, runs and steered texts are written up here.',
    isHere: ({ path }) => path === '/report',
    isPast: () => false,
    anchors: [
      {
        selector: '[data-tour="report"]',
        text: 'A report is a file that stands alone, with all that is needed to make it again; the demo has written one. “Add to report” on a feature or in steering begins your own. That was the tour.',
        action: 'Done',
        ends: true,
      },
      {
        selector: '[data-tour="write"]',
        text: 'What “Add to report” has collected becomes a file that stands alone, with all that is needed to make it again. That was the tour.',
        action: 'Done',
        ends: true,
      },
    ],
  },
]

/** The step that a person has come to, at `step` or beyond. */
export function tourAfter(step: number, place: TourPlace): number {
  let at = step
  while (at < tourSteps.length - 1 && tourSteps[at]!.isPast(place)) at++
  return at
}
