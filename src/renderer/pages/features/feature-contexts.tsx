// Contexts of one feature, a line each, with the heat of its tokens; a click opens the document at that place.
import { useNavigate } from '@tanstack/react-router'
import { memo, useCallback, useState } from 'react'
import type { ContextCodes, FeatureExample } from '../../../shared/features.ts'
import { type Reach, useFeatureView } from '../../state/feature-view.ts'
import { valuesOf } from '../../state/token-codes.ts'
import { useCall } from '../../state/use-call.ts'
import { activationWords, windowOf } from '../../../shared/heat.ts'
import { HeatText, tokenWords } from '../../ui/heat-text.tsx'

/** What is the same for all contexts of a feature. */
export interface ContextsOf {
  readonly sae: string
  readonly harvest: string
  readonly feature: number
  /** Against which tokens are shaded. */
  readonly max: number
  /** False where the harvest is not here any more: then there is no document to open. */
  readonly opens: boolean
}

interface FeatureContextsProps extends ContextsOf {
  readonly label: string
  readonly examples: readonly FeatureExample[]
}

export function FeatureContexts({ label, examples, ...of }: FeatureContextsProps) {
  const reach = useFeatureView((view) => view.reach)
  return (
    <ul className="feature-contexts" aria-label={label}>
      {examples.map((example) => (
        <li key={`${of.feature} ${example.context}`}>
          <FeatureContext example={example} reach={reach} {...of} />
        </li>
      ))}
    </ul>
  )
}

interface FeatureContextProps extends ContextsOf {
  readonly example: FeatureExample
  readonly reach: Reach
}

const FeatureContext = memo(function FeatureContext(props: FeatureContextProps) {
  const { sae, harvest, feature, max, example, opens, reach } = props
  const navigate = useNavigate()
  const whole = useCall(
    'features.context',
    { sae, harvest, context: example.context, features: [feature] },
    reach === 0 && example.tokens.length < example.length,
  )
  const [place, setPlace] = useState<number | null>(null)
  const { texts, tokens, values, from, to, first } = shownPart(example, reach, whole.output, feature)
  const open = useCallback(
    (at: number) =>
      void navigate({
        to: '/activations/$id',
        params: { id: harvest },
        search: { context: example.context, at: first + at },
      }),
    [navigate, harvest, example.context, first],
  )
  const peak = example.position - first
  const single = reach === 5
  const spelled = texts.map((text, at) =>
    text === '' && tokens[at] !== undefined ? `‹${tokens[at]}›` : text,
  )
  return (
    <>
      <div className="heat-line" data-single={single || undefined}>
        {from > 0 && !single && <span className="muted">… </span>}
        <HeatText
          label={`Context ${example.context}; the arrow keys go through its tokens`}
          texts={spelled}
          values={values}
          max={max}
          peak={example.position < 0 ? -1 : peak}
          single={single}
          onPlace={setPlace}
          {...(opens && { onOpen: open })}
        />
        {to < example.length && !single && <span className="muted"> …</span>}
      </div>
      <span className="heat-source muted fine" data-points={place !== null || undefined}>
        {place === null ? (
          <>
            <bdi className="cut">{[example.stratum, example.language].filter(Boolean).join(' · ')}</bdi>
            {example.value > 0 && <span className="value">{activationWords(example.value)}</span>}
          </>
        ) : (
          <span className="cut value">{tokenWords(spelled[place] ?? '', values[place] ?? 0)}</span>
        )}
      </span>
    </>
  )
})

/** The window that is wanted, as far as it is known yet; `first` is the position of its first token. */
function shownPart(example: FeatureExample, reach: Reach, whole: ContextCodes | undefined, feature: number) {
  if (reach === 0 && whole?.context === example.context) {
    const values = valuesOf(whole, feature)
    const { texts, tokens } = whole
    return { texts, tokens, values, from: 0, to: texts.length, first: 0 }
  }
  const { length } = example.texts
  const [from, to] =
    reach === 0 ? [0, length] : windowOf(Math.max(0, example.position - example.from), reach, length)
  return {
    texts: example.texts.slice(from, to),
    tokens: example.tokens.subarray(from, to),
    values: example.values.subarray(from, to),
    first: example.from + from,
    from: example.from + from,
    to: example.from + to,
  }
}
