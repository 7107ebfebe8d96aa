// One feature that is steered: what it is, how strongly, in which way, and where.
import { ActionIcon, NumberInput, Select, Switch } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { memo, useCallback } from 'react'
import type { FeatureNote } from '../../../shared/feature-notes.ts'
import type { FeatureIndex } from '../../../shared/features.ts'
import { type Intervention, MOST_STRENGTH } from '../../../shared/steering.ts'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { labelOf } from '../../state/feature-rows.ts'
import { scrubTo } from '../../state/scrubber.ts'
import { nearestFinished } from '../../state/scrub.ts'
import { useDesk } from '../../state/desk.ts'
import {
  changeIntervention,
  endOf,
  generate,
  lengthen,
  moved,
  removeIntervention,
  setupNow,
  touch,
} from '../../state/steering.ts'
import { rangeOf, stripKey } from '../../state/steering-setup.ts'
import { useCall } from '../../state/use-call.ts'
import { useSweetSpot } from '../../state/sweet-spots.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { activationWords, windowOf } from '../../../shared/heat.ts'
import { nameBy, noFeatureWords } from '../../ui/feature-words.ts'
import { HeatText } from '../../ui/heat-text.tsx'
import { SteeringReads } from './steering-reads.tsx'
import { StrengthSlider } from './strength-slider.tsx'

interface SteeringCardProps {
  /** Its place among the interventions. */
  readonly at: number
  readonly setup: SteeringSetup
  readonly intervention: Intervention
  readonly index: FeatureIndex | undefined
  readonly note: FeatureNote | undefined
  /** Mean residual norm at the hook; null while it is not known. */
  readonly norm: number | null
  /** F; undefined while it is not known. */
  readonly features: number | undefined
}

const modes = [
  { value: 'add', label: 'add' },
  { value: 'clamp', label: 'clamp' },
  { value: 'ablate', label: 'ablate' },
]
/** Tokens of the example on either side of its strongest one. */
const REACH = 9

export const SteeringCard = memo(function SteeringCard(props: SteeringCardProps) {
  const { at, setup, intervention, index, note, norm: known, features } = props
  const { feature, mode, strength, value } = intervention
  const { sae } = setup
  const under = useDesk((desk) => desk.slider === at)
  const end = useDesk((desk) => endOf(intervention, desk.ranges))
  const measured = useDesk(({ live }) => live.run?.state?.facts?.norm)
  const sweet = useSweetSpot(setup, at)
  const page = useCall(
    'features.feature',
    { sae, feature, ...(index && { harvest: index.harvest }) },
    index !== undefined,
  )
  const norm = measured ?? known
  const of = page.output
  /** One in its own units is so many times the norm. */
  const unit = of && norm !== null && norm > 0 ? of.decoderNorm / norm : null
  const maximum = of && unit !== null && of.max > 0 ? of.max * unit : null
  const words = useCallback(
    (now: number) => (maximum === null ? '' : `${(now / maximum).toFixed(2)} × its maximum`),
    [maximum],
  )
  const label = nameBy(labelOf(note), of?.token ?? '')
  return (
    <section
      className="card steering-card"
      aria-label={`Feature ${feature}`}
      data-under={under || undefined}
      onPointerDown={() => touch(at)}
    >
      <div className="steering-card-head">
        <b>{feature}</b>
        <bdi className="cut grow" title={label}>
          {label === '' ? <span className="muted">no label</span> : label}
        </bdi>
        <Select
          size="xs"
          w={84}
          aria-label={`Way of steering by feature ${feature}`}
          allowDeselect={false}
          data={modes}
          value={mode}
          onChange={(chosen) =>
            changeIntervention(at, withMode(intervention, chosen as Intervention['mode']))
          }
        />
        <ActionIcon size="sm" aria-label={`Remove feature ${feature}`} onClick={() => removeIntervention(at)}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {of?.top[0] && <Example example={of.top[0]} max={of.max} feature={feature} />}
      {page.error && page.error.code !== 'features/none' && <ErrorText error={page.error} />}
      {mode === 'ablate' ? (
        <p className="muted fine">Kept at 0 wherever it would fire.</p>
      ) : (
        <StrengthSlider
          id={`strength-${at}`}
          label={`Strength of feature ${feature}, in multiples of the mean residual norm`}
          value={strength}
          end={end}
          marks={[
            ...(maximum === null || of === undefined
              ? []
              : [
                  {
                    ...{ at: maximum, kind: 'maximum' as const },
                    title: `Its greatest activation in the index, ${activationWords(of.max)}: ${maximum.toFixed(2)} × norm`,
                  },
                ]),
            ...(sweet === null
              ? []
              : [{ at: sweet, kind: 'sweet' as const, title: `Sweet spot of the last sweep: ${sweet}` }]),
          ]}
          words={words}
          onFocus={() => touch(at)}
          onMove={(now) => {
            moved(at)
            scrubTo(stripPlace(at, now), now)
          }}
          onRest={(now) => {
            scrubTo(null, now)
            if (now === strength && value === undefined) generate()
            else changeIntervention(at, withoutValue(intervention, now))
          }}
        />
      )}
      {value !== undefined && (
        <p className="muted fine">
          Clamped at {activationWords(value)} in its own units; moving the slider replaces that.
        </p>
      )}
      <SteeringReads feature={feature} max={of?.max ?? 0} />
      <Details {...{ at, intervention, unit, features }} />
    </section>
  )
})

function withMode({ value: _, ...intervention }: Intervention, mode: Intervention['mode']): Intervention {
  return { ...intervention, mode }
}

function withoutValue({ value: _, ...intervention }: Intervention, strength: number): Intervention {
  return { ...intervention, strength }
}

/** The row of the strip that is shown while the thumb is here; null where there is none of this slider. */
function stripPlace(slider: number, thumb: number): number | null {
  const { strip } = useDesk.getState().live
  const setup = setupNow()
  if (!strip?.state || !setup || strip.slider !== slider) return null
  if (strip.key !== stripKey(setup, slider, strip.strengths)) return null
  const finished = strip.state.rows.slice(1).map(({ end }) => end !== null)
  return nearestFinished(strip.strengths, finished, thumb)
}

interface ExampleProps {
  readonly example: {
    readonly texts: string[]
    readonly values: Float32Array
    position: number
    from: number
  }
  readonly max: number
  readonly feature: number
}

function Example({ example: { texts, values, position, from }, max, feature }: ExampleProps) {
  const [begin, end] = windowOf(position - from, REACH, texts.length)
  return (
    <HeatText
      single
      label={`Where feature ${feature} fires most`}
      texts={texts.slice(begin, end)}
      values={values.subarray(begin, end)}
      max={max}
      peak={position - from - begin}
    />
  )
}

interface DetailsProps {
  readonly at: number
  readonly intervention: Intervention
  readonly unit: number | null
  readonly features: number | undefined
}

/** What few need: the exact strength, the value of a clamp, and the condition. */
function Details({ at, intervention, unit, features }: DetailsProps) {
  const { feature, mode, strength, value, where } = intervention
  const set = (changed: Intervention) => changeIntervention(at, changed, `details ${feature}`)
  const condition =
    where && `only where feature ${where.feature} is above ${activationWords(where.threshold)}`
  return (
    <details className="steering-more">
      <summary className="muted fine">{condition ?? 'Exact strength, condition'}</summary>
      <div className="steering-fields">
        {mode !== 'ablate' && (
          <NumberInput
            label="Strength"
            description="Multiples of the mean residual norm."
            step={0.05}
            decimalScale={3}
            min={-MOST_STRENGTH}
            max={MOST_STRENGTH}
            value={strength}
            onChange={(now) => {
              if (now === '') return
              // a slider that had to become longer stays so
              lengthen(feature, rangeOf(Number(now)))
              set(withoutValue(intervention, Number(now)))
            }}
          />
        )}
        {mode === 'clamp' && (
          <NumberInput
            label="Clamp at"
            description="In its own units; empty: by the strength."
            placeholder={unit === null ? '' : String(Number((strength / unit).toPrecision(3)))}
            value={value ?? ''}
            onChange={(now) => {
              const { value: _, ...rest } = intervention
              set(now === '' ? rest : { ...rest, value: Number(now) })
            }}
          />
        )}
        <Switch
          label="Only where another feature fires"
          checked={where !== undefined}
          onChange={(event) => {
            const { where: _, ...rest } = intervention
            set(event.currentTarget.checked ? { ...rest, where: { feature, threshold: 0 } } : rest)
          }}
        />
        {where && (
          <>
            <NumberInput
              label="Feature"
              min={0}
              allowDecimal={false}
              value={where.feature}
              error={noFeatureWords(where.feature, features)}
              onChange={(now) =>
                now !== '' && set({ ...intervention, where: { ...where, feature: Number(now) } })
              }
            />
            <NumberInput
              label="Above"
              description="Activation in its own units."
              min={0}
              value={where.threshold}
              onChange={(now) =>
                now !== '' && set({ ...intervention, where: { ...where, threshold: Number(now) } })
              }
            />
          </>
        )}
      </div>
    </details>
  )
}
