// Everything on one feature, beside the table or on a page of its own.
import { Button, SegmentedControl, Title } from '@mantine/core'
import { useState } from 'react'
import type { FeatureIndex, FeaturePage, FeatureTable } from '../../../shared/features.ts'
import type { Notes } from '../../state/feature-rows.ts'
import { type Reach, useFeatureView } from '../../state/feature-view.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { numberWords } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import { type ContextsOf, FeatureContexts } from './feature-contexts.tsx'
import { FeatureFirings } from './feature-firings.tsx'
import { FeatureHead } from './feature-head.tsx'
import { FeatureHonesty } from './feature-honesty.tsx'
import { FeatureNear } from './feature-near.tsx'
import { FeatureNotes } from './feature-notes.tsx'
import { FeatureNumbers } from './feature-numbers.tsx'
import { FeatureTokens } from './feature-tokens.tsx'
import { FeatureTry } from './feature-try.tsx'
import { FeatureWhere } from './feature-where.tsx'

interface FeatureViewProps {
  readonly sae: string
  readonly index: FeatureIndex
  readonly feature: number
  readonly table: FeatureTable | undefined
  readonly notes: Notes
  readonly beside: boolean
  onOpen(feature: number): void
}

export function FeatureView(props: FeatureViewProps) {
  const { sae, index, feature } = props
  const { output, error } = useCall('features.feature', { sae, harvest: index.harvest, feature })
  const page = output?.feature === feature && output.harvest === index.harvest ? output : undefined
  if (error) return <ErrorText error={error} />
  // the one before stays for the moment the next one takes
  const shown = page ?? output
  if (!shown) return <p className="muted late">Reading the feature…</p>
  return (
    <article className="feature-view" aria-label={`Feature ${shown.feature}`} aria-busy={!page}>
      <Everything page={shown} {...props} />
    </article>
  )
}

/** Contexts shown before more are asked for. */
const FEW = 8

function Everything({
  sae,
  index,
  page,
  table,
  notes,
  beside,
  onOpen,
}: FeatureViewProps & { page: FeaturePage }) {
  const { feature, harvest, firings, max, top, unknown } = page
  const reach = useFeatureView((view) => view.reach)
  const [all, setAll] = useState(false)
  const opens = !index.missing.some(({ what }) => what === 'harvest')
  const of = { sae, harvest, feature, max: top[0]?.value ?? max, opens }
  return (
    <>
      <FeatureHead key={feature} sae={sae} page={page} notes={notes} beside={beside} onOpen={onOpen} />
      <FeatureHonesty page={page} manifest={index.manifest} sae={sae} />
      {firings > 0 && (
        <section aria-label="Top contexts">
          <div className="card-head">
            <Title order={3}>Top contexts</Title>
            <span className="muted fine">the strongest, without those that say the same</span>
            <SegmentedControl
              className="end"
              size="xs"
              aria-label="Tokens on either side"
              value={String(reach)}
              onChange={(value) => useFeatureView.setState({ reach: Number(value) as Reach })}
              data={[
                { value: '5', label: '±5' },
                { value: '16', label: '±16' },
                { value: '0', label: 'full' },
              ]}
            />
          </div>
          <FeatureContexts label="Top contexts" examples={top.slice(0, all ? top.length : FEW)} {...of} />
          {top.length > FEW && (
            <Button size="compact-xs" onClick={() => setAll(!all)} aria-expanded={all}>
              {all ? `The first ${FEW}` : `All ${top.length}`}
            </Button>
          )}
        </section>
      )}
      <FeatureNumbers page={page} logitsWhy={index.manifest?.logitsWhy ?? null} />
      <FeatureTry sae={sae} feature={feature} max={max} />
      <FeatureNear page={page} notes={notes} table={table} onOpen={onOpen} />
      {firings > 0 && (
        <>
          <FeatureWhere page={page} />
          <FeatureTokens page={page} />
          <Quantiles page={page} of={of} />
          <FeatureFirings page={page} manifest={index.manifest} of={of} />
          {page.silent.length > 0 && (
            <details className="feature-more">
              <summary>Contexts where it does not fire, drawn by chance</summary>
              <FeatureContexts label="Contexts where it does not fire" examples={page.silent} {...of} />
            </details>
          )}
        </>
      )}
      {unknown.map((sentence) => (
        <p key={sentence} className="muted fine">
          {sentence}
        </p>
      ))}
      <FeatureNotes key={`notes ${feature}`} sae={sae} feature={feature} notes={notes} />
    </>
  )
}

function Quantiles({ page, of }: { readonly page: FeaturePage; readonly of: ContextsOf }) {
  const { quantiles } = page
  if (quantiles.length === 0) return null
  return (
    <details className="feature-more">
      <summary>By strength: {quantiles.length} groups of its contexts, the strongest first</summary>
      {quantiles.toReversed().map(({ from, to, contexts, examples }, at) => (
        <div key={at}>
          <p className="muted fine">
            {activationWords(from)} to {activationWords(to)} · {numberWords(contexts)} contexts
          </p>
          <FeatureContexts
            label={`Contexts from ${activationWords(from)} to ${activationWords(to)}`}
            examples={examples.toSorted((a, b) => b.value - a.value)}
            {...of}
          />
        </div>
      ))}
    </details>
  )
}
