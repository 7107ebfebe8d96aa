// Any text, all features: the strongest of each token, of the whole text, and several of them laid over it at once.
import { ActionIcon, SegmentedControl, Select, Textarea, Title } from '@mantine/core'
import { IconPin, IconPinFilled } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { FeatureTable, ReadText } from '../../../shared/features.ts'
import type { Notes } from '../../state/feature-rows.ts'
import { useFeatureView } from '../../state/feature-view.ts'
import { firedAt, rankedIn, type Ranking, valuesOf } from '../../state/token-codes.ts'
import { useReadText } from '../../state/use-read-text.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { featureName, numberWords } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import { inText } from '../../../shared/token-spelling.ts'
import { pinLetters, PinnedText } from './pinned-text.tsx'

interface FeatureTextProps {
  readonly sae: string
  readonly table: FeatureTable
  readonly notes: Notes
  readonly chosen: number | undefined
  onChoose(feature: number): void
}

export function FeatureText(props: FeatureTextProps) {
  const read = useFeatureView((view) => view.read)
  const { output, error, busy } = useReadText(props.sae, read)
  return (
    <section className="card feature-text" aria-label="Any text">
      <div className="card-head">
        <Title order={2}>Any text</Title>
        <span className="muted fine" role="status">
          {busy
            ? 'reading…'
            : output
              ? `${numberWords(output.texts.length)} tokens${output.leftOut > 0 ? `; the last ${numberWords(output.leftOut)} were left out` : ''}`
              : 'the model reads it, and every feature that fires is shown'}
        </span>
      </div>
      <Textarea
        aria-label="A text for all features"
        placeholder="Type or paste a text"
        autosize
        minRows={2}
        maxRows={6}
        size="xs"
        value={read}
        onChange={(event) => useFeatureView.setState({ read: event.currentTarget.value })}
      />
      {error && <ErrorText error={error} />}
      {output && !error && <Read read={output} {...props} />}
    </section>
  )
}

/** Densities above which features are left out of the lists, as the select has them. */
const densities = [
  { value: '1', label: 'of any density' },
  { value: '0.1', label: 'at most 10 % dense' },
  { value: '0.01', label: 'at most 1 % dense' },
]
/** Features listed of one token and of all. */
const FEW = 8
const MANY = 60

function Read({ read, table, notes, chosen, onChoose }: FeatureTextProps & { readonly read: ReadText }) {
  const pins = useFeatureView((view) => view.pinned)
  const [place, setPlace] = useState<number>()
  const [by, setBy] = useState<Ranking>('max')
  const [densest, setDensest] = useState('0.1')
  const thin = (feature: number) => (table.density[feature] ?? 0) <= Number(densest)
  const ranked = useMemo(() => rankedIn(read, by), [read, by])
  // without a pin the feature that is open is shown
  const laid = pins.length > 0 ? pins : chosen === undefined ? [] : [chosen]
  const pinned = useMemo(
    () =>
      laid.map((feature, at) => ({
        feature,
        letter: pinLetters[at] ?? '',
        max: table.max[feature] ?? 0,
        values: valuesOf(read, feature),
      })),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the list is made anew each time, of the same numbers
    [read, table, laid.join()],
  )
  const token = place === undefined || place >= read.texts.length ? undefined : place
  const here = token === undefined ? [] : firedAt(read, token).filter(({ feature }) => thin(feature))
  const of = { notes, table, pins, chosen, onChoose }
  const some = ranked.filter(({ feature }) => thin(feature))
  return (
    <>
      {pinned.length > 0 && (
        <ul className="pins" aria-label="Laid over the text">
          {pinned.map(({ feature, letter }, at) => (
            <li key={feature}>
              <b data-pin={at}>{letter}</b> {feature} <bdi>{featureName(feature, notes, table)}</bdi>
            </li>
          ))}
        </ul>
      )}
      <PinnedText read={read} pinned={pinned} place={token} onPlace={setPlace} />
      <div className="card-head">
        <Title order={3}>{token === undefined ? 'One token' : `“${inText(read.texts[token] ?? '')}”`}</Title>
        <span className="muted fine">
          {token === undefined
            ? 'choose a token to see what fires on it'
            : `${here.length} features fire${read.special[token] === 1 ? '; a special token, whose features mean little' : ''}`}
        </span>
      </div>
      {token !== undefined && (
        <ol className="fired" aria-label="Features of the token">
          {here.slice(0, FEW).map(({ feature, value }) => (
            <FiredRow key={feature} feature={feature} words={activationWords(value)} {...of} />
          ))}
        </ol>
      )}
      <div className="card-head">
        <Title order={3}>The whole text</Title>
        <SegmentedControl
          className="end"
          size="xs"
          aria-label="Ranked by"
          value={by}
          onChange={(value) => setBy(value)}
          data={[
            { value: 'max', label: 'strongest' },
            { value: 'sum', label: 'sum' },
            { value: 'tokens', label: 'tokens' },
          ]}
        />
        <Select
          size="xs"
          w={176}
          aria-label="Density of the features"
          allowDeselect={false}
          data={densities}
          value={densest}
          onChange={(value) => setDensest(value ?? '1')}
        />
      </div>
      <ol className="fired" aria-label="Features of the text">
        {some.slice(0, MANY).map(({ feature, max, sum, tokens, peak }) => (
          <FiredRow
            key={feature}
            feature={feature}
            words={
              by === 'tokens'
                ? numberWords(tokens)
                : by === 'sum'
                  ? activationWords(sum)
                  : activationWords(max)
            }
            detail={`on “${inText(read.texts[peak] ?? '')}”${tokens > 1 ? ` and ${tokens - 1} more` : ''}`}
            {...of}
          />
        ))}
      </ol>
    </>
  )
}

interface FiredRowProps {
  readonly feature: number
  readonly words: string
  readonly detail?: string
  readonly notes: Notes
  readonly table: FeatureTable
  readonly pins: readonly number[]
  readonly chosen: number | undefined
  onChoose(feature: number): void
}

function FiredRow({ feature, words, detail, notes, table, pins, chosen, onChoose }: FiredRowProps) {
  const at = pins.indexOf(feature)
  const full = at < 0 && pins.length === pinLetters.length
  const toggle = () =>
    useFeatureView.setState({
      pinned: at < 0 ? [...pins, feature] : pins.filter((each) => each !== feature),
    })
  return (
    <li data-chosen={feature === chosen || undefined}>
      <ActionIcon
        size="xs"
        aria-label={`Pin feature ${feature}`}
        aria-pressed={at >= 0}
        disabled={full}
        title={full ? `At most ${pinLetters.length} at once` : 'Lay it over the text'}
        onClick={toggle}
      >
        {at < 0 ? <IconPin size={13} /> : <IconPinFilled size={13} />}
      </ActionIcon>
      <button type="button" aria-current={feature === chosen || undefined} onClick={() => onChoose(feature)}>
        <b>{feature}</b>
        <bdi className="cut">{featureName(feature, notes, table)}</bdi>
        <span className="muted fine cut">{detail}</span>
        <span className="value">{words}</span>
      </button>
    </li>
  )
}
