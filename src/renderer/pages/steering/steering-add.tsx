// Another feature to steer by: by its number, its label, or by what it fires on.
import { TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type Ref, useId, useState } from 'react'
import type { ListedFeature } from '../../../shared/feature-search.ts'
import type { FeatureIndex } from '../../../shared/features.ts'
import { addFeature } from '../../state/steering.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { densityWords, nameBy, noFeatureWords } from '../../ui/feature-words.ts'

interface SteeringAddProps {
  readonly field: Ref<HTMLInputElement>
  readonly sae: string
  /** Without one features are found by number alone. */
  readonly index: FeatureIndex | undefined
  /** F; undefined while it is not known. */
  readonly features: number | undefined
  /** There is none yet. */
  readonly first: boolean
}

interface Found {
  readonly feature: number
  readonly name: string
  readonly note: string
}

/** Milliseconds after the last key in which nothing is searched. */
const PAUSE = 120
const MOST = 8

export function SteeringAdd({ field, sae, index, features, first }: SteeringAddProps) {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const text = typed.trim()
  const number = /^\d+$/.test(text) ? Number(text) : null
  const { found, error, pending } = useFound(sae, index, number === null ? text : '')
  const none = number === null ? undefined : noFeatureWords(number, features)
  const options: readonly Found[] =
    number === null ? found : none ? [] : [{ feature: number, name: 'by its number', note: '' }]
  const here = Math.min(at, options.length - 1)
  const take = (feature: number) => {
    addFeature(feature)
    setTyped('')
    setAt(0)
  }
  return (
    <section className="card steering-add" aria-label="Add a feature" tabIndex={-1}>
      {first && (
        <p className="muted">Choose a feature, then drag its slider: the text changes as you drag.</p>
      )}
      <TextInput
        ref={field}
        role="combobox"
        aria-label="Feature to steer by"
        aria-expanded={options.length > 0}
        aria-controls={list}
        {...(options[here] && { 'aria-activedescendant': `${list}-${here}` })}
        placeholder={index ? 'Number, label, or a text it fires on' : 'Number of a feature'}
        leftSection={<IconPlus size={14} />}
        rightSection={typed === '' ? <kbd>f</kbd> : null}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (step !== undefined) {
            event.preventDefault()
            setAt(Math.max(0, Math.min(options.length - 1, here + step)))
          }
          if (event.key === 'Escape') setTyped('')
          const option = options[here]
          if (event.key === 'Enter' && option) take(option.feature)
        }}
      />
      <ul id={list} role="listbox" aria-label="Features that were found" hidden={options.length === 0}>
        {options.map(({ feature, name, note }, place) => (
          <li
            key={feature}
            id={`${list}-${place}`}
            role="option"
            aria-selected={place === here}
            onPointerDown={(event) => {
              event.preventDefault()
              take(feature)
            }}
          >
            <b>{feature}</b>
            <bdi className="cut grow">{name}</bdi>
            <span className="muted">{note}</span>
          </li>
        ))}
      </ul>
      {none && (
        <p className="bad fine" role="alert">
          {none}
        </p>
      )}
      {error && <ErrorText error={error} />}
      {text !== '' && number === null && index && !pending && options.length === 0 && !error && (
        <p className="muted fine" role="status">
          Nothing in the index: no label has “{text}”, no token begins so, and no text of the corpus has it as
          a word.
        </p>
      )}
      {!index && (
        <p className="muted fine">
          Labels and searches need an index of the features:{' '}
          <Link to="/features" search={{ sae }}>
            index this SAE
          </Link>
          .
        </p>
      )}
    </section>
  )
}

/** Those with such a label first, then those that fire in contexts with the text, then those of a token that begins so. */
function useFound(sae: string, index: FeatureIndex | undefined, text: string) {
  const [settled] = useDebouncedValue(text, PAUSE)
  const wanted = index !== undefined && settled !== ''
  const place = { sae, ...(index && { harvest: index.harvest }) }
  const labels = useCall('features.byLabel', { ...place, text: settled, limit: MOST }, wanted)
  const hits = useCall('features.search', { ...place, text: settled, contexts: 1, features: MOST }, wanted)
  const tokens = useCall('features.tokens', { ...place, text: settled, limit: 1 }, wanted)
  const token = tokens.output?.[0]?.id
  const strong = useCall(
    'features.byToken',
    { ...place, token: token ?? 0, limit: MOST },
    wanted && token !== undefined,
  )
  const listed = ({ feature, label, token: own, density }: ListedFeature): Found => ({
    ...{ feature, name: nameBy(label, own), note: densityWords(density) },
  })
  const firing = (hits.output?.features ?? []).map(({ feature, label, token: own, lift }): Found => ({
    ...{ feature, name: nameBy(label, own), note: `× ${lift.toPrecision(2)}` },
  }))
  const all = [
    ...(labels.output ?? []).map(listed),
    ...firing,
    ...(token === undefined ? [] : (strong.output ?? []).map(listed)),
  ]
  const known = new Set<number>()
  const found = all.filter(({ feature }) => !known.has(feature) && known.add(feature)).slice(0, MOST)
  return {
    found: wanted ? found : [],
    // what cannot be searched has no hits, and labels may still have it
    error: wanted ? labels.error : undefined,
    pending: text !== settled || (wanted && !(labels.output && tokens.output && (hits.output ?? hits.error))),
  }
}
