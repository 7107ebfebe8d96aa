// A text token by token, as it comes: shaded by a number of each, with what it has in common with the text beside it.
import { memo, type ReactNode } from 'react'
import { heatColor } from '../../ui/heat.ts'
import { placeOf, useTokenPlace } from '../../ui/token-places.ts'
import { visible } from '../../../shared/visible.ts'

export interface ShownToken {
  readonly id: number
  readonly text: string
}

interface SteeredTextProps {
  readonly label: string
  /** Before the tokens; not shaded. */
  readonly before?: ReactNode
  readonly tokens: readonly ShownToken[]
  /** What stands where the tokens have not come yet. */
  readonly tail?: readonly ShownToken[]
  /** Of each token 0 to 1; undefined for no colours. */
  readonly shades?: readonly number[] | undefined
  /** Of each token: 1 where the other text has it, too. */
  readonly common?: Uint8Array | undefined
  /** The first token that is another one than in the other text. */
  readonly leaves?: number | null
  /** What is said of the token that is pointed at. */
  wordsOf(place: number): string
}

export const SteeredText = memo(function SteeredText(props: SteeredTextProps) {
  const { label, before, tokens, tail = [], shades, common, leaves = null, wordsOf } = props
  const { place, setPlace, onKeyDown } = useTokenPlace(tokens.length)
  return (
    <>
      <div
        className="steering-tokens"
        role="group"
        aria-label={`${label}; the arrow keys go through its tokens`}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerOver={(event) => {
          const at = placeOf(event.target)
          if (at !== undefined) setPlace(at)
        }}
        onPointerLeave={() => setPlace(null)}
        onBlur={() => setPlace(null)}
      >
        {before}
        {tokens.map(({ text }, at) => (
          <Token
            key={at}
            at={at}
            text={text}
            shade={shades?.[at] ?? 0}
            again={common?.[at] === 1 && leaves !== null && at > leaves}
            leaves={at === leaves}
            here={at === place}
          />
        ))}
        {tail.length > tokens.length && (
          <span className="steered-tail" aria-hidden>
            {tail
              .slice(tokens.length)
              .map(({ text }) => visible(text))
              .join('')}
          </span>
        )}
      </div>
      {tokens.length > 0 && (
        <p className="steered-facts muted fine" aria-live="polite">
          {place === null || place >= tokens.length ? '' : wordsOf(place)}
        </p>
      )}
    </>
  )
})

interface TokenProps {
  readonly at: number
  readonly text: string
  readonly shade: number
  /** Both texts have it, behind the place where they part. */
  readonly again: boolean
  /** Here they part. */
  readonly leaves: boolean
  readonly here: boolean
}

/** From this shade on a token is underlined: colour alone tells nothing to some. */
const STRONG = 0.6

const Token = memo(function Token({ at, text, shade, again, leaves, here }: TokenProps) {
  const background = heatColor(shade)
  return (
    <>
      {leaves && (
        <span className="steered-leaves" title="From here on it is another text">
          ◆<span className="hidden"> from here on it is another text: </span>
        </span>
      )}
      <span
        data-place={at}
        data-again={again || undefined}
        data-strong={shade >= STRONG || undefined}
        data-here={here || undefined}
        {...(background !== undefined && { style: { background } })}
      >
        {visible(text)}
      </span>
    </>
  )
})
