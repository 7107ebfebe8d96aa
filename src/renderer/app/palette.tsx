// The palette on Mod+K: every page, job and command by name.
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { type JobKindId, jobKinds } from '../../shared/jobs/kinds.ts'
import { act, copyDiagnostics } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { otherPlaces, stagePlaces } from './places.ts'

const JOBS_SHOWN = 20

export function Palette() {
  const navigate = useNavigate()
  const jobs = useApp((state) => state.jobs) ?? []
  const go = (to: string) => () => void navigate({ to })

  const pages = [...otherPlaces, ...stagePlaces].map((place): SpotlightActionData => ({
    id: place.path,
    label: place.title,
    description: place.ready ? 'Page' : 'Page, for a later version',
    onClick: go(place.path),
  }))
  const kinds = (Object.keys(jobKinds) as JobKindId[]).map((kind): SpotlightActionData => ({
    id: `start-${kind}`,
    label: `${jobKinds[kind].title}…`,
    description: jobKinds[kind].help,
    onClick: () => void navigate({ to: '/jobs', search: { start: kind } }),
  }))
  const commands: SpotlightActionData[] = [
    ...(['system', 'light', 'dark'] as const).map((appearance) => ({
      id: `appearance-${appearance}`,
      label: `Appearance: ${appearance}`,
      onClick: () => void act('settings.set', { appearance }),
    })),
    { id: 'diagnostics', label: 'Copy diagnostics', onClick: () => void copyDiagnostics() },
  ]
  const recent = jobs.slice(0, JOBS_SHOWN).map((job): SpotlightActionData => ({
    id: job.id,
    label: job.title,
    description: `Job, ${job.state}`,
    keywords: [job.id, job.kind],
    onClick: go(`/jobs/${job.id}`),
  }))
  return (
    <Spotlight
      actions={[...kinds, ...pages, ...commands, ...recent]}
      shortcut="mod + K"
      limit={12}
      scrollable
      maxHeight={420}
      nothingFound="Nothing of that name."
      searchProps={{
        placeholder: 'Search pages, jobs, commands…',
        'aria-label': 'Search pages, jobs, commands',
      }}
    />
  )
}
