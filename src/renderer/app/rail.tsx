// The rail: the stages in the order the data goes, then the places beside them.
import { Link } from '@tanstack/react-router'
import { isActive } from '../../shared/jobs/state.ts'
import { useApp } from '../state/app.ts'
import { otherPlaces, type Place, stagePlaces } from './places.ts'

export function Rail() {
  const active = useApp((state) => state.jobs?.filter((job) => isActive(job.state)).length ?? 0)
  return (
    <nav className="rail" aria-label="Pages">
      {stagePlaces.map((place) => (
        <RailLink key={place.path} place={place} note={place.ready ? '' : 'later'} />
      ))}
      <hr />
      {otherPlaces.map((place) => (
        <RailLink
          key={place.path}
          place={place}
          note={place.path === '/jobs' && active > 0 ? String(active) : ''}
        />
      ))}
    </nav>
  )
}

function RailLink({ place, note }: { readonly place: Place; readonly note: string }) {
  return (
    <Link to={place.path} activeProps={{ 'aria-current': 'page' }}>
      <span>{place.title}</span>
      {note && <small>{note}</small>}
    </Link>
  )
}
