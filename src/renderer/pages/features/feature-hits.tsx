// What a search by contexts found: the features that fire there more than elsewhere, with evidence, and the contexts themselves.
import { SegmentedControl } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { memo, useState } from 'react'
import { flagsOf } from '../../../shared/feature-flags.ts'
import type { FeatureHits as Hits, RankedFeature } from '../../../shared/feature-search.ts'
import { labelOf, type Notes } from '../../state/feature-rows.ts'
import { useFeatureView } from '../../state/feature-view.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { densityWords, nameBy, numberWords } from '../../ui/feature-words.ts'
import { activationWords, heatOf, windowOf } from '../../../shared/heat.ts'
import { inText } from '../../../shared/token-spelling.ts'
import { formatPercent } from '../../../shared/units.ts'
import { heatColor } from '../../ui/heat.ts'
import { Marked } from '../../ui/marked.tsx'
import { ReportButton } from '../../ui/report-button.tsx'
import { FlagTags } from './flag-tags.tsx'
import { StarButton } from './star-button.tsx'

interface FeatureHitsProps {
  readonly sae: string
  readonly harvest: string
  readonly text: string
  readonly notes: Notes
  readonly chosen: number | undefined
  onChoose(feature: number): void
}

/** Milliseconds after the last key in which nothing is searched: a call is answered in less. */
const PAUSE = 80
const FEATURES = 60
const CONTEXTS = 50

export function FeatureHits({ sae, harvest, text, notes, chosen, onChoose }: FeatureHitsProps) {
  const { filter, strata, languages } = useFeatureView()
  const [settled] = useDebouncedValue(text, PAUSE)
  const [side, setSide] = useState<'features' | 'contexts'>('features')
  const [from, to] = filter.density
  const { output, error } = useCall('features.search', {
    ...{ sae, harvest, text: settled, features: FEATURES, contexts: CONTEXTS },
    strata: [...strata],
    languages: [...languages],
    density: { from, to },
    without: [...filter.without],
  })
  if (error) return <ErrorText error={error} />
  if (!output) return <p className="muted late">Searching…</p>
  return (
    <div className="feature-hits">
      <div className="hits-head">
        <SegmentedControl
          size="xs"
          aria-label="What was found"
          value={side}
          onChange={(value) => setSide(value)}
          data={[
            { value: 'features', label: `Features ${output.features.length}` },
            { value: 'contexts', label: `Contexts ${numberWords(output.contexts.matches)}` },
          ]}
        />
        <span className="muted fine" role="status">
          {summary(output)}
        </span>
        {side === 'features' && output.features.length > 0 && (
          <span className="end">
            <ReportButton
              section={{
                kind: 'features',
                sae,
                harvest,
                features: output.features.map((one) => one.feature),
              }}
              size="compact-xs"
            />
          </span>
        )}
      </div>
      {side === 'features' ? (
        <Features sae={sae} hits={output} notes={notes} chosen={chosen} onChoose={onChoose} />
      ) : (
        <Contexts harvest={harvest} hits={output} />
      )}
    </div>
  )
}

/** Says when not all that match were ranked or compared. */
function summary({ contexts: { matches, counted, ranked, sampled }, compared, milliseconds }: Hits): string {
  const time = `${milliseconds < 10 ? Number(milliseconds.toFixed(1)) : Math.round(milliseconds)} ms`
  if (matches === 0) return `no context has this text · ${time}`
  const many = `${counted ? '' : 'about '}${numberWords(matches)} ${matches === 1 ? 'context matches' : 'contexts match'}`
  const sample = sampled ? `, a ranked sample of ${numberWords(ranked)}` : ''
  const looked = compared < ranked ? `, features of the best ${numberWords(compared)}` : ''
  return `${many}${sample}${looked} · ${time}`
}

interface FeaturesProps {
  readonly sae: string
  readonly hits: Hits
  readonly notes: Notes
  readonly chosen: number | undefined
  onChoose(feature: number): void
}

function Features({ sae, hits, notes, chosen, onChoose }: FeaturesProps) {
  if (hits.features.length === 0) {
    return (
      <p className="muted lead">
        {hits.contexts.matches === 0
          ? 'Try fewer words, the beginning of one (aort*), or a part (*cardi*).'
          : 'No feature fires there more often than elsewhere, as the filters are.'}
      </p>
    )
  }
  return (
    <ol className="ranked" aria-label="Features that fire there more than elsewhere">
      {hits.features.map((feature) => (
        <RankedRow
          key={feature.feature}
          sae={sae}
          ranked={feature}
          rows={hits.rows}
          label={labelOf(notes.get(feature.feature))}
          starred={notes.get(feature.feature)?.starred ?? false}
          chosen={feature.feature === chosen}
          onChoose={onChoose}
        />
      ))}
    </ol>
  )
}

interface RankedRowProps {
  readonly sae: string
  readonly ranked: RankedFeature
  /** At and behind the matches. */
  readonly rows: number
  readonly label: string
  readonly starred: boolean
  readonly chosen: boolean
  onChoose(feature: number): void
}

const RankedRow = memo(function RankedRow(props: RankedRowProps) {
  const { sae, ranked, rows, label, starred, chosen, onChoose } = props
  const { feature, score, reach, found, everywhere, lift, max, flags, token, examples } = ranked
  const share = rows === 0 ? 0 : found / rows
  return (
    <li data-chosen={chosen || undefined}>
      <button
        type="button"
        className="ranked-row"
        data-tour="feature"
        data-feature={feature}
        aria-current={chosen || undefined}
        onClick={() => onChoose(feature)}
      >
        <span className="ranked-name">
          <b>{feature}</b>
          <bdi className={label === '' ? 'mono muted cut' : 'cut'}>{nameBy(label, token)}</bdi>
          <FlagTags flags={flagsOf(flags)} />
          <span
            className="value muted"
            title={`On ${numberWords(found)} of the ${numberWords(rows)} tokens at and behind the matches, ${densityWords(share)}; on ${densityWords(everywhere)} of all tokens: z = ${score.toFixed(1)}. Its mean activation there is ${formatPercent(reach)} of its maximum.`}
          >
            {Number(lift.toPrecision(2)).toLocaleString('en-US')} × as often · at {formatPercent(reach)}
          </span>
        </span>
        {examples.slice(0, 2).map((example) => (
          <Evidence key={example.context} example={example} max={max} />
        ))}
      </button>
      <StarButton sae={sae} feature={feature} starred={starred} size="xs" />
    </li>
  )
})

/** Tokens on either side of the peak that a line has room for. */
const REACH = 9

/** One line of a context with the feature's heat; the button around it opens the feature. */
function Evidence({
  example,
  max,
}: {
  readonly example: RankedFeature['examples'][number]
  readonly max: number
}) {
  const [from, to] = windowOf(example.position - example.from, REACH, example.texts.length)
  return (
    <span className="evidence">
      <bdi className="cut mono">
        {example.texts.slice(from, to).map((text, at) => {
          const place = from + at
          const peak = place === example.position - example.from
          return (
            <span
              key={place}
              data-peak={peak || undefined}
              style={{ background: heatColor(heatOf(example.values[place] ?? 0, max)) }}
            >
              {inText(text)}
            </span>
          )
        })}
      </bdi>
      <span className="muted fine value">{activationWords(example.value)}</span>
    </span>
  )
}

function Contexts({
  harvest,
  hits: { contexts, indexed },
}: {
  readonly harvest: string
  readonly hits: Hits
}) {
  return (
    <ul className="context-hits" aria-label="Contexts that match">
      {contexts.hits.map(({ context, excerpt, from, ranges, cut }, at) => (
        <li key={context}>
          <Link to="/activations/$id" params={{ id: harvest }} search={{ context }}>
            <bdi className="excerpt">
              {cut.before && '… '}
              <Marked text={excerpt} from={from} ranges={ranges} />
              {cut.after && ' …'}
            </bdi>
            <span className="muted fine">
              context {numberWords(context)}
              {indexed[at] === false && ' · not in the index, so its features are not known'}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
