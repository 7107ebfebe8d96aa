// The rail: the stages in the order the data goes, then the places beside them.
import { Link } from '@tanstack/react-router'
import { isActive } from '../../shared/jobs/state.ts'
import { useApp } from '../state/app.ts'
import { benchPlaces, otherPlaces, type Place, stagePlaces } from './places.ts'

export function Rail() {
  const active = useApp((state) => state.jobs?.filter((job) => isActive(job.state)).length ?? 0)
  return (
    <nav className="rail" aria-label="Pages">
      {stagePlaces.map((place) => (
        <RailLink key={place.path} place={place} />
      ))}
      <hr />
      {[...benchPlaces, ...otherPlaces].map((place) => (
        <RailLink key={place.path} place={place} count={place.path === '/jobs' ? active : 0} />
      ))}
    </nav>
  )
}

function RailLink({ place, count = 0 }: { readonly place: Place; readonly count?: number }) {
  return (
    <Link to={place.path} activeProps={{ 'aria-current': 'page' }} data-later={!place.ready || undefined}>
      <span>{place.title}</span>
      {!place.ready && <small>later</small>}
      {count > 0 && <small>{count}</small>}
    </Link>
  )
}
