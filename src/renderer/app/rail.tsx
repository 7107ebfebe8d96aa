// The rail: the stages in the order the data goes, then the places beside them; icons alone where there is little room.
import { Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { isActive } from '../../shared/jobs/state.ts'
import { useApp } from '../state/app.ts'
import { useReportDraft } from '../state/report-draft.ts'
import { placeIcons } from './place-icons.ts'
import { benchPlaces, otherPlaces, type Place, stagePlaces } from './places.ts'

/** Where the rail shows icons alone; the same as in styles/frame.css. */
const NARROW = '(max-width: 1100px)'

export function Rail() {
  const active = useApp((state) => state.jobs?.filter((job) => isActive(job.state)).length ?? 0)
  const collected = useReportDraft(({ sections }) => sections.length)
  return (
    <nav className="rail" aria-label="Pages">
      {stagePlaces.map((place) => (
        <RailLink key={place.path} place={place} count={place.id === 'report' ? collected : 0} />
      ))}
      <hr />
      {[...benchPlaces, ...otherPlaces].map((place) => (
        <RailLink key={place.path} place={place} count={place.path === '/jobs' ? active : 0} />
      ))}
    </nav>
  )
}

function RailLink({ place, count = 0 }: { readonly place: Place; readonly count?: number }) {
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const Icon = placeIcons[place.id]
  return (
    <Tooltip
      label={place.title}
      position="right"
      disabled={!narrow}
      // keyboards get it too
      events={{ hover: true, focus: true, touch: false }}
    >
      <Link to={place.path} activeProps={{ 'aria-current': 'page' }}>
        <Icon size={16} stroke={1.75} aria-hidden />
        <span className="name">{place.title}</span>
        {count > 0 && <small className="count">{count}</small>}
      </Link>
    </Tooltip>
  )
}
