// One feature on a page of its own, at an address that can be passed on.
import { useDocumentTitle } from '@mantine/hooks'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useFeatureKeys } from '../../app/feature-keys.ts'
import { steer } from '../../app/steer.ts'
import { act } from '../../state/actions.ts'
import { rowsOf } from '../../state/feature-rows.ts'
import { useFeatureView } from '../../state/feature-view.ts'
import { useFeatureTable, useNotes } from '../../state/use-features.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { usePlaces } from '../../ui/feature-place.tsx'
import { Gone } from '../../ui/gone.tsx'
import { FeatureIndexCard, FeatureMissing } from './feature-index.tsx'
import { FeatureView } from './feature-view.tsx'

export function FeaturePage() {
  const { sae, harvest, feature: given } = useParams({ from: '/features/$sae/$harvest/$feature' })
  const feature = Number(given)
  const navigate = useNavigate()
  const { place, error } = usePlaces(sae, harvest)
  const known = place?.sae.id === sae
  const index = known && place.index?.harvest === harvest ? place.index : undefined
  const { table } = useFeatureTable(sae, index)
  const notes = useNotes(sae)
  const { filter, order } = useFeatureView()
  const rows = useMemo(() => table && rowsOf(table, notes, filter, order), [table, notes, filter, order])
  const open = (to: number) =>
    void navigate({ to: '/features/$sae/$harvest/$feature', params: { sae, harvest, feature: String(to) } })
  // in the order of the table, from the nearest number where it is not in it
  const step = (by: number) => {
    const at = rows?.indexOf(feature) ?? -1
    const next = rows?.[at < 0 ? 0 : at + by]
    if (next !== undefined) open(next)
  }
  useFeatureKeys({
    j: () => step(1),
    k: () => step(-1),
    '/': () => void navigate({ to: '/features', search: { sae, harvest, feature } }),
    s: () => void steer(navigate, sae, feature),
    x: () => void act('features.annotate', { sae, feature, starred: !notes.get(feature)?.starred }),
  })
  useDocumentTitle(`Feature ${given} · Monoscope`)
  if (!place) return error ? <ErrorText error={error} /> : null
  if (!known || !index) {
    const title = known ? 'There is no such index' : 'There is no such SAE'
    return <Gone title={title} to="/features" go="Go to the features" />
  }
  return (
    <div className="page feature-page">
      <nav className="crumbs muted" aria-label="Where it belongs">
        <Link to="/features" search={{ sae, harvest, feature }}>
          Features
        </Link>
        <span aria-hidden>›</span>
        <span className="cut">
          {place.name}, {index.manifest?.model.hook}
        </span>
      </nav>
      {index.state === 'ready' ? (
        <>
          <FeatureMissing index={index} sae={place.sae} />
          <div className="card">
            <FeatureView {...{ sae, index, feature, table, notes }} beside={false} onOpen={open} />
          </div>
        </>
      ) : (
        <FeatureIndexCard sae={place.sae} index={index} />
      )}
    </div>
  )
}
