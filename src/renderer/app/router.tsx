// Which address shows which page; pages are loaded when first shown.
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { jobKindIdSchema } from '../../shared/jobs/kinds.ts'
import { searchModes } from '../ui/search-mode.ts'
import { patiently } from '../state/patient.ts'
import { Failure } from './error-boundary.tsx'
import { Frame } from './frame.tsx'
import { NotFound } from './not-found.tsx'

/** Where the host is away just then, the page comes once it is back; the router would load everything anew, from nowhere. */
const page: typeof lazyRouteComponent = (load, name) => lazyRouteComponent(() => patiently(load), name)

const rootRoute = createRootRoute({ component: Frame, notFoundComponent: NotFound })

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    // the first page that can do something
    throw redirect({ to: '/jobs' })
  },
})

const text = z.coerce.string().optional().catch(undefined)
const place = z.coerce.number().int().nonnegative().optional().catch(undefined)

const corpusRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/corpus',
  // what is looked at, and the model whose tokenizer counts
  validateSearch: z.object({
    path: text,
    textField: text,
    stratumField: text,
    languageField: text,
    model: text,
  }),
  component: page(() => import('../pages/corpus/corpus-page.tsx'), 'CorpusPage'),
})

const activationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activations',
  // `corpus` opens the form with it, `from` with what that job was asked, `form` opens it empty
  validateSearch: z.object({
    corpus: text,
    textField: text,
    stratumField: text,
    languageField: text,
    from: text,
    form: z.literal(true).optional().catch(undefined),
  }),
  component: page(() => import('../pages/activations/activations-page.tsx'), 'ActivationsPage'),
})

const harvestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activations/$id',
  // what is searched for, the context that is open, and the row that is looked at, or the place it has in the context
  validateSearch: z.object({ q: text, context: place, row: place, at: place }),
  component: page(() => import('../pages/activations/harvest-page.tsx'), 'HarvestPage'),
})

const saesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sae',
  // `harvest` opens the form with it, `from` with what that job was asked, `form` opens it with the newest
  validateSearch: z.object({
    harvest: text,
    from: text,
    form: z.literal(true).optional().catch(undefined),
  }),
  component: page(() => import('../pages/sae/saes-page.tsx'), 'SaesPage'),
})

const saeCompareRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sae/compare',
  // which ones, with commas between them
  validateSearch: z.object({ ids: text }),
  component: page(() => import('../pages/sae/sae-compare-page.tsx'), 'SaeComparePage'),
})

const saeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sae/$id',
  component: page(() => import('../pages/sae/sae-page.tsx'), 'SaePage'),
})

const featuresRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/features',
  // whose features, the one that is looked at, what is searched for and as what, and how they are shown
  validateSearch: z.object({
    sae: text,
    harvest: text,
    feature: place,
    q: text,
    mode: z.enum(searchModes).optional().catch(undefined),
    view: z.enum(['table', 'map', 'text']).optional().catch(undefined),
  }),
  component: page(() => import('../pages/features/features-page.tsx'), 'FeaturesPage'),
})

const featureRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/features/$sae/$harvest/$feature',
  component: page(() => import('../pages/features/feature-page.tsx'), 'FeaturePage'),
})

const steeringRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/steering',
  // whose features, and one to begin with
  validateSearch: z.object({ sae: text, feature: place }),
  component: page(() => import('../pages/steering/steering-page.tsx'), 'SteeringPage'),
})

const reportRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/report',
  component: page(() => import('../pages/reports/reports-page.tsx'), 'ReportsPage'),
})

const modelsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/models',
  component: page(() => import('../pages/models/models-page.tsx'), 'ModelsPage'),
})

const modelRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/models/$id',
  component: page(() => import('../pages/models/model-page.tsx'), 'ModelPage'),
})

const labRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/lab',
  component: page(() => import('../pages/lab/lab-page.tsx'), 'LabPage'),
})

const jobsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs',
  // `start` opens the form of a kind of job, `from` with what that job was asked
  validateSearch: z.object({ start: jobKindIdSchema.optional().catch(undefined), from: text }),
  component: page(() => import('../pages/jobs/jobs-page.tsx'), 'JobsPage'),
})

const jobRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/jobs/$id',
  component: page(() => import('../pages/jobs/job-page.tsx'), 'JobPage'),
})

const deviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/device',
  component: page(() => import('../pages/device/device-page.tsx'), 'DevicePage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: page(() => import('../pages/settings/settings-page.tsx'), 'SettingsPage'),
})

export const router = createRouter({
  history: createHashHistory(),
  routeTree: rootRoute.addChildren([
    homeRoute,
    corpusRoute,
    activationsRoute,
    harvestRoute,
    saesRoute,
    saeCompareRoute,
    saeRoute,
    featuresRoute,
    featureRoute,
    steeringRoute,
    reportRoute,
    modelsRoute,
    modelRoute,
    labRoute,
    jobsRoute,
    jobRoute,
    deviceRoute,
    settingsRoute,
  ]),
  defaultErrorComponent: ({ error }) => <Failure error={error as Error} />,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
