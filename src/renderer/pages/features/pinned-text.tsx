// A text token by token with the heat of several features at once: a colour and a letter each; a token can be chosen.
import type { ReadText } from '../../../shared/features.ts'
import { heatOf } from '../../../shared/heat.ts'
import { inText } from '../../../shared/token-spelling.ts'
import { heatColor } from '../../ui/heat.ts'
import { placeByKey, placeOf } from '../../ui/token-places.ts'

/** A feature that is laid over a text. */
export interface Pinned {
  readonly feature: number
  readonly letter: string
  /** Against which it is shaded. */
  readonly max: number
  /** (T) */
  readonly values: Float32Array
}

/** As many as there are colours for. */
export const pinLetters = ['A', 'B', 'C', 'D', 'E', 'F'] as const

interface PinnedTextProps {
  readonly read: ReadText
  readonly pinned: readonly Pinned[]
  /** Index of the token that is chosen. */
  readonly place: number | undefined
  onPlace(place: number): void
}

export function PinnedText({ read: { texts, special }, pinned, place, onPlace }: PinnedTextProps) {
  const move = (event: React.KeyboardEvent) => {
    const next = placeByKey(event.key, place ?? 0, texts.length)
    if (next === undefined) return
    event.preventDefault()
    onPlace(next)
  }
  const choose = (event: React.MouseEvent) => {
    const at = placeOf(event.target)
    if (at !== undefined) onPlace(at)
  }
  return (
    <div
      className="pinned-text"
      role="group"
      aria-label="The text as the model reads it; the arrow keys go through its tokens"
      tabIndex={0}
      onKeyDown={move}
      onClick={choose}
    >
      {texts.map((text, at) => {
        const fired = pinned
          .map((pin, color) => ({ letter: pin.letter, color, heat: heatOf(pin.values[at] ?? 0, pin.max) }))
          .filter(({ heat }) => heat > 0)
        const strongest = fired.reduce<(typeof fired)[number] | undefined>(
          (best, each) => (best && best.heat >= each.heat ? best : each),
          undefined,
        )
        return (
          <span
            key={at}
            data-place={at}
            data-here={at === place || undefined}
            data-special={special[at] === 1 || undefined}
          >
            <span style={strongest && { background: heatColor(strongest.heat, `--pin-${strongest.color}`) }}>
              {inText(text)}
            </span>
            {fired.length > 0 && (
              <sub aria-hidden>
                {fired.map(({ letter, color }) => (
                  <i key={letter} data-pin={color}>
                    {letter}
                  </i>
                ))}
              </sub>
            )}
          </span>
        )
      })}
    </div>
  )
}
