// The Features page: whose features, their index where there is none, and the explorer of those that are indexed.
import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { formatCount } from '../../../shared/units.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { PlaceChoice, usePlaces } from '../../ui/feature-place.tsx'
import { numberWords } from '../../ui/feature-words.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { FeatureExplorer } from './feature-explorer.tsx'
import { FeatureIndexButtons } from './feature-index-buttons.tsx'
import { FeatureIndexVerified } from './feature-index-verified.tsx'
import { FeatureIndexCard, FeatureMissing } from './feature-index.tsx'

const purpose = 'See what each learned feature fires on, and find features by text.'

export function FeaturesPage() {
  const search = useSearch({ from: '/features' })
  const navigate = useNavigate({ from: '/features' })
  const { places, place, training, error, refresh } = usePlaces(search.sae, search.harvest)
  if (!places) return error ? <ErrorText error={error} /> : null
  if (!place) return <NoSae training={training} />
  const { sae, index } = place
  const manifest = index?.manifest
  const ready = index?.state === 'ready'
  return (
    <div className={ready ? 'page features' : 'page'}>
      <PageHead
        title="Features"
        note={
          ready && manifest
            ? `${numberWords(manifest.alive)} alive of ${numberWords(manifest.sae.features)} · ${manifest.model.hook} · ${formatCount(manifest.rows)} rows`
            : purpose
        }
      >
        <PlaceChoice
          places={places}
          place={place}
          onPlace={({ sae: one, index: its }) =>
            void navigate({
              search: ({ q, mode, view }) => ({ q, mode, view, sae: one.id, harvest: its?.harvest }),
            })
          }
        />
        {index && index.state !== 'building' && (
          <FeatureIndexButtons key={index.path} sae={sae} index={index} onDeleted={refresh} />
        )}
      </PageHead>
      {error && <ErrorText error={error} />}
      {ready ? (
        <>
          <FeatureMissing index={index} sae={sae} />
          <FeatureIndexVerified sae={sae.id} harvest={index.harvest} />
          <FeatureExplorer key={`${sae.id} ${index.harvest}`} sae={sae} index={index} />
        </>
      ) : (
        <FeatureIndexCard sae={sae} index={index} />
      )}
    </div>
  )
}

function NoSae({ training }: { readonly training: boolean }) {
  return (
    <div className="page">
      <PageHead title="Features" note={purpose} />
      <section className="card empty">
        <strong>{training ? 'An SAE is being trained' : 'No SAE yet'}</strong>
        <p>
          Features are the directions of a sparse autoencoder. Once one is trained or imported, its features
          are indexed here: where each fires, on what, and what it makes the model say.
        </p>
        <Button component={Link} to="/sae" variant="filled">
          {training ? 'Watch it train' : 'Go to the SAEs'}
        </Button>
      </section>
    </div>
  )
}
