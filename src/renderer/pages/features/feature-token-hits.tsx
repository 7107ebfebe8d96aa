// What a search by token found: main tokens of features that begin so, and the features of the one that is chosen.
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { flagsOf } from '../../../shared/feature-flags.ts'
import { shown } from '../../../shared/token-spelling.ts'
import { labelOf, type Notes } from '../../state/feature-rows.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { densityWords, nameBy } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import { ReportButton } from '../../ui/report-button.tsx'
import { FlagTags } from './flag-tags.tsx'
import { StarButton } from './star-button.tsx'

interface FeatureTokenHitsProps {
  readonly sae: string
  readonly harvest: string
  readonly text: string
  readonly notes: Notes
  readonly chosen: number | undefined
  onChoose(feature: number): void
}

/** Milliseconds after the last key in which nothing is searched. */
const PAUSE = 80
const TOKENS = 24
const FEATURES = 200

export function FeatureTokenHits(props: FeatureTokenHitsProps) {
  const { sae, harvest, text, notes, chosen, onChoose } = props
  const [settled] = useDebouncedValue(text, PAUSE)
  const tokens = useCall('features.tokens', { sae, harvest, text: settled, limit: TOKENS })
  const [wanted, setWanted] = useState<number>()
  const token = tokens.output?.find(({ id }) => id === wanted) ?? tokens.output?.[0]
  const found = useCall(
    'features.byToken',
    { sae, harvest, token: token?.id ?? 0, limit: FEATURES },
    token !== undefined,
  )
  const error = tokens.error ?? found.error
  if (error) return <ErrorText error={error} />
  if (!tokens.output) return <p className="muted late">Searching…</p>
  if (!token) {
    return (
      <p className="muted lead" role="status">
        No feature has a token among its strongest that begins with “{text.trim()}”.
      </p>
    )
  }
  return (
    <div className="feature-hits">
      <div className="chips" role="group" aria-label="Tokens that begin so">
        {tokens.output.map(({ id, text: spelling, features }) => (
          <button
            key={id}
            type="button"
            className="chip"
            aria-pressed={id === token.id}
            onClick={() => setWanted(id)}
          >
            <bdi className="mono">{shown(spelling)}</bdi>
            <span className="muted">{features}</span>
          </button>
        ))}
      </div>
      <div className="hits-head">
        <span className="muted fine" role="status">
          {found.output &&
            `${found.output.length} features have “${shown(token.text)}” among their ten main tokens; how much of their activation is on it.`}
        </span>
        {found.output && found.output.length > 0 && (
          <span className="end">
            <ReportButton
              section={{ kind: 'features', sae, harvest, features: found.output.map((one) => one.feature) }}
              size="compact-xs"
            />
          </span>
        )}
      </div>
      <ol className="ranked" aria-label="Features of the token">
        {found.output?.map(({ feature, max, density, flags, share, token: strongest }) => (
          <li key={feature} data-chosen={feature === chosen || undefined}>
            <button
              type="button"
              className="ranked-row"
              data-feature={feature}
              aria-current={feature === chosen || undefined}
              onClick={() => onChoose(feature)}
            >
              <span className="ranked-name">
                <b>{feature}</b>
                <bdi className={labelOf(notes.get(feature)) === '' ? 'mono muted cut' : 'cut'}>
                  {nameBy(labelOf(notes.get(feature)), strongest)}
                </bdi>
                <FlagTags flags={flagsOf(flags)} />
                <span className="value muted">
                  <b>{densityWords(share)}</b> on it · max {activationWords(max)} · density{' '}
                  {densityWords(density)}
                </span>
              </span>
            </button>
            <StarButton
              sae={sae}
              feature={feature}
              starred={notes.get(feature)?.starred ?? false}
              size="xs"
            />
          </li>
        ))}
      </ol>
    </div>
  )
}
