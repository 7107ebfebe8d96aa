// The palette on Mod+K: every page, job and command by name.
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  IconActivity,
  IconAdjustmentsHorizontal,
  IconCommand,
  IconPlayerPlay,
  IconSearch,
  IconSparkles,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Demo } from '../../shared/demo.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { type JobKindId, jobKinds } from '../../shared/jobs/kinds.ts'
import { act, copyDiagnostics } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { showSheet } from '../state/sheet.ts'
import { demoStartWords } from '../ui/demo-words.ts'
import { paletteStore, selectFirst } from './palette-store.ts'
import { placeIcons } from './place-icons.ts'
import { benchPlaces, otherPlaces, stagePlaces } from './places.ts'

const JOBS_SHOWN = 20
/** More than all there is without a search. */
const LIMIT = 60

type Go = ReturnType<typeof useNavigate>

export function Palette() {
  const navigate = useNavigate()
  const jobs = useApp((state) => state.jobs) ?? []
  const demo = useApp((state) => state.demo)
  const [query, setQuery] = useState('')
  const number = numberIn(query.trim())
  const named = [startGroup(navigate), pageGroup(navigate), doGroup(demo), jobGroup(jobs, navigate)]
  const features = searchGroup(query.trim(), number, navigate)
  // once what was found stands there: Spotlight itself chooses among what stood there before
  useEffect(selectFirst, [query])
  return (
    <Spotlight
      actions={number === null ? [...named, features] : [features, ...named]}
      store={paletteStore}
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      // nothing typed in a field is lost by opening it
      tagsToIgnore={[]}
      limit={LIMIT}
      // it does not move while what is found grows and shrinks
      centered={false}
      scrollable
      maxHeight={420}
      size={560}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      attributes={{ content: { 'aria-label': 'Palette' } }}
      nothingFound="Nothing of that name."
      searchProps={{
        placeholder: 'Search pages, jobs, commands…',
        'aria-label': 'Search pages, jobs, commands',
        // as it opens
        onFocus: selectFirst,
      }}
    />
  )
}

function startGroup(navigate: Go): SpotlightActionGroupData {
  const actions = (Object.keys(jobKinds) as JobKindId[]).map((kind): SpotlightActionData => ({
    id: `start-${kind}`,
    label: `${jobKinds[kind].title}…`,
    description: jobKinds[kind].help,
    leftSection: <IconPlayerPlay size={16} />,
    onClick: () => void navigate({ to: '/jobs', search: { start: kind } }),
  }))
  return { group: 'Start', actions }
}

/** What was typed, as the number of a feature to open or steer by, and as a search of the features; empty before. */
function searchGroup(query: string, feature: number | null, navigate: Go): SpotlightActionGroupData {
  // each of its words is found in it
  const keywords = query.split(/\s+/)
  const search: SpotlightActionData = {
    ...{ id: 'search-features', label: `Search the features for “${query}”`, keywords },
    leftSection: <IconSearch size={16} />,
    onClick: () => void navigate({ to: '/features', search: { q: query } }),
  }
  const open: SpotlightActionData = {
    ...{ id: 'open-feature', label: `Open feature ${feature}`, keywords },
    leftSection: <IconSparkles size={16} />,
    onClick: () => {
      if (feature === null) return
      // of the SAE that is looked at, where one is
      void navigate({ to: '/features', search: ({ sae, harvest }) => ({ sae, harvest, feature }) })
    },
  }
  const steer: SpotlightActionData = {
    ...{ id: 'steer-feature', label: `Steer by feature ${feature}`, keywords },
    leftSection: <IconAdjustmentsHorizontal size={16} />,
    onClick: () => feature !== null && void navigate({ to: '/steering', search: { feature } }),
  }
  if (query === '') return { group: 'Features', actions: [] }
  return { group: 'Features', actions: feature === null ? [search] : [open, steer, search] }
}

/** The feature in "459", "#459", "feature 459", "open feature 459" and "steer by feature 459". */
function numberIn(query: string): number | null {
  const number = /^(?:open\s+|steer\s+)?(?:by\s+)?(?:feature\s+)?#?(\d{1,7})$/i.exec(query)?.[1]
  return number === undefined ? null : Number(number)
}

function pageGroup(navigate: Go): SpotlightActionGroupData {
  const actions = [...otherPlaces, ...stagePlaces, ...benchPlaces].map((place): SpotlightActionData => {
    const Icon = placeIcons[place.id]
    return {
      id: place.path,
      label: place.title,
      leftSection: <Icon size={16} />,
      rightSection: <kbd>g {place.key}</kbd>,
      onClick: () => void navigate({ to: place.path }),
    }
  })
  return { group: 'Go to', actions }
}

function doGroup(demo: Demo | null): SpotlightActionGroupData {
  const commands: readonly (readonly [id: string, label: string, run: () => unknown])[] = [
    ...(['system', 'light', 'dark'] as const).map(
      (appearance) =>
        [
          `appearance-${appearance}`,
          `Appearance: ${appearance}`,
          () => act('settings.set', { appearance }),
        ] as const,
    ),
    ...(demo === null ? [] : [demoCommand(demo)]),
    ['shortcuts', 'Show the shortcuts', () => showSheet(true)],
    ['diagnostics', 'Copy diagnostics', () => copyDiagnostics()],
  ]
  const actions = commands.map(([id, label, run]): SpotlightActionData => ({
    id,
    label,
    leftSection: <IconCommand size={16} />,
    onClick: () => void run(),
  }))
  return { group: 'Do', actions }
}

function demoCommand(demo: Demo): readonly [id: string, label: string, run: () => unknown] {
  if (demo.state === 'running') return ['demo', 'Skip the demo', () => act('demo.skip', undefined)]
  return ['demo', demoStartWords(demo), () => act('demo.start', undefined)]
}

function jobGroup(jobs: readonly Job[], navigate: Go): SpotlightActionGroupData {
  const actions = jobs.slice(0, JOBS_SHOWN).map((job): SpotlightActionData => ({
    id: job.id,
    label: job.title,
    leftSection: <IconActivity size={16} />,
    rightSection: <small className="muted">{job.state}</small>,
    keywords: [job.id, job.kind, job.state],
    onClick: () => void navigate({ to: '/jobs/$id', params: { id: job.id } }),
  }))
  return { group: 'Jobs', actions }
}
