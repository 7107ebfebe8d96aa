// Tokens in a row, shaded by how strongly a feature fires on each; the value is told where the pointer or the arrow keys are.
import { type CSSProperties, memo, useState } from 'react'
import { activationWords, heatOf } from '../../shared/heat.ts'
import { inText } from '../../shared/token-spelling.ts'
import { heatColor } from './heat.ts'
import { placeByKey, placeOf } from './token-places.ts'

interface HeatTextProps {
  readonly label: string
  readonly texts: readonly string[]
  readonly values: ArrayLike<number>
  /** Against which they are shaded. */
  readonly max: number
  /** Index of the token that stands out. */
  readonly peak?: number
  /** On one line, with the peak in the middle: lines below each other can be compared. */
  readonly single?: boolean
  /** Opens what a click, or the Enter key, is at. */
  onOpen?(place: number): void
  /** Of the token that is pointed at; null when none is. */
  onPlace?(place: number | null): void
}

export const HeatText = memo(function HeatText(props: HeatTextProps) {
  const { label, texts, values, max, peak = -1, single = false, onOpen, onPlace } = props
  const [place, setPlace] = useState<number | null>(null)
  const go = (to: number | null) => {
    setPlace(to)
    onPlace?.(to)
  }
  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && onOpen) {
      event.preventDefault()
      event.stopPropagation()
      return onOpen(place ?? Math.max(0, peak))
    }
    const to = placeByKey(event.key, place ?? -1, texts.length)
    if (to === undefined) return
    event.preventDefault()
    go(place === null ? Math.max(0, peak) : to)
  }
  const tokens = texts.map((text, at) => (
    <HeatToken
      key={at}
      at={at}
      text={text}
      heat={heatOf(values[at]!, max)}
      peak={at === peak}
      here={at === place}
    />
  ))
  return (
    <div
      className="heat-text"
      data-single={single || undefined}
      data-opens={onOpen !== undefined || undefined}
      role="group"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKey}
      onFocus={() => place === null && peak >= 0 && go(peak)}
      onBlur={() => go(null)}
      onPointerOver={(event) => {
        const over = placeOf(event.target)
        if (over !== undefined) go(over)
      }}
      onPointerLeave={() => go(null)}
      onClick={(event) => {
        const at = placeOf(event.target)
        if (at !== undefined) onOpen?.(at)
      }}
    >
      {single && peak > 0 ? (
        <>
          <span className="before">{tokens.slice(0, peak)}</span>
          <span className="after">{tokens.slice(peak)}</span>
        </>
      ) : (
        tokens
      )}
      <span className="hidden" aria-live="polite">
        {place === null ? '' : tokenWords(texts[place] ?? '', values[place] ?? 0)}
      </span>
    </div>
  )
})

interface HeatTokenProps {
  readonly at: number
  readonly text: string
  readonly heat: number
  readonly peak: boolean
  readonly here: boolean
}

/** Special tokens as most tokenizers spell them: they are no text. */
const SPECIAL = /^<(\|.+\||\/?s)>$/

/** From this shade on a token is underlined: colour alone tells nothing to some. */
const STRONG = 0.6

const HeatToken = memo(function HeatToken({ at, text, heat, peak, here }: HeatTokenProps) {
  const background = heatColor(heat)
  const style: CSSProperties | undefined = background === undefined ? undefined : { background }
  return (
    <span
      data-place={at}
      data-peak={peak || undefined}
      data-strong={heat >= STRONG || undefined}
      data-here={here || undefined}
      data-special={SPECIAL.test(text) || undefined}
      style={style}
    >
      {inText(text)}
    </span>
  )
})

/** "kidney 7.93". */
export function tokenWords(text: string, value: number): string {
  return `${inText(text).trim() || '·'} ${activationWords(value)}`
}
