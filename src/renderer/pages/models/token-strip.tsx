// A text token by token, shaded by how surprising each was, with its numbers where the pointer or the arrow keys are.
import { shown } from '../../../shared/token-spelling.ts'
import { useTokenPlace } from '../../ui/token-places.ts'

export interface StripToken {
  readonly id: number
  readonly text: string
  /** Null where nothing was expected: the first of a text. */
  readonly logProbability: number | null
  readonly alternatives?: readonly { readonly text: string; readonly logProbability: number }[]
}

interface TokenStripProps {
  readonly label: string
  /** Not judged, before the tokens. */
  readonly before?: string
  readonly tokens: readonly StripToken[]
}

/** Natural logarithm of the probability from which a token has all the colour there is: about 1 in 3,000. */
const FULL_AT = -8
/** All the colour there is, in percent: text on it stays readable. */
const SHADE = 42

export function TokenStrip({ label, before = '', tokens }: TokenStripProps) {
  const { place, setPlace, onKeyDown } = useTokenPlace(tokens.length)
  const token = place === null ? undefined : tokens[place]
  return (
    <div className="token-strip">
      <div
        className="tokens"
        role="group"
        aria-label={`${label}; the arrow keys go through its tokens`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => setPlace((known) => known ?? (tokens.length > 0 ? 0 : null))}
      >
        {before !== '' && <span className="muted">{before}</span>}
        {tokens.map((each, index) => (
          <span
            key={index}
            data-here={index === place || undefined}
            style={{ background: shadeOf(each.logProbability) }}
            onPointerEnter={() => setPlace(index)}
          >
            {each.text}
          </span>
        ))}
      </div>
      <Legend />
      <div
        className="token-facts"
        data-tall={tokens.some((each) => each.alternatives?.length)}
        aria-live="polite"
      >
        {token ? (
          <TokenNumbers token={token} />
        ) : (
          <span className="muted">Point at a token for its numbers.</span>
        )}
      </div>
    </div>
  )
}

function TokenNumbers({ token }: { readonly token: StripToken }) {
  const { id, text, logProbability, alternatives = [] } = token
  return (
    <>
      <code className="mono">{text === '' ? '(no text of its own)' : shown(text)}</code>{' '}
      {logProbability === null ? (
        <span className="muted">nothing was expected here</span>
      ) : (
        <span>
          {percent(logProbability)} <span className="muted">· log-probability</span>{' '}
          {logProbability.toFixed(2).replace('-', '−')}
        </span>
      )}{' '}
      <span className="muted">· token {id}</span>
      {alternatives.length > 0 && (
        <ul className="alternatives" aria-label="Most probable here">
          <li className="muted" aria-hidden="true">
            most probable here:
          </li>
          {alternatives.map((alternative, index) => (
            <li key={index}>
              <code className="mono">{shown(alternative.text)}</code> {percent(alternative.logProbability)}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function Legend() {
  return (
    <div className="token-legend muted fine" aria-hidden="true">
      {[1, 0.1, 0.01, 0.001].map((probability) => (
        <span key={probability}>
          <i style={{ background: shadeOf(Math.log(probability)) }} /> {percent(Math.log(probability))}
        </span>
      ))}
      <span>the more colour, the less the model expected the token</span>
    </div>
  )
}

function shadeOf(logProbability: number | null): string {
  const share = Math.min(1, Math.max(0, (logProbability ?? 0) / FULL_AT))
  return `color-mix(in srgb, var(--series-4) ${(share * SHADE).toFixed(1)}%, transparent)`
}

/** "100 %", "12.3 %", "0.045 %". */
function percent(logProbability: number): string {
  const value = 100 * Math.exp(logProbability)
  return `${value >= 99.95 ? '100' : value >= 0.001 ? value.toPrecision(value >= 10 ? 3 : 2) : '< 0.001'} %`
}
