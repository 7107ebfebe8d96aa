// The tokens of a context to choose from, by pointer or arrow keys; what was searched for is marked.
import { useEffect, useId, useMemo, useRef } from 'react'
import type { ContextView, RowToken } from '../../../shared/harvests.ts'
import { placeByKey, placeOf } from '../../ui/token-places.ts'

interface RowStripProps {
  readonly view: ContextView
  /** Marked places in the context's text. */
  readonly ranges: readonly (readonly [number, number])[]
  /** Index of the chosen token. */
  readonly place?: number
  onPlace(place: number): void
}

export function RowStrip({ view, ranges, place, onPlace }: RowStripProps) {
  const { tokens, text, spelled, context } = view
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const marked = useMemo(() => markedTokens(tokens, ranges), [tokens, ranges])
  // what is looked at, else what was searched for, is brought into sight inside its box
  const first = place ?? marked.findIndex(Boolean)
  useEffect(() => {
    const around = box.current?.parentElement
    const shown = box.current?.querySelector<HTMLElement>(`[data-place="${Math.max(0, first)}"]`)
    if (!around || !shown) return
    const [outer, inner] = [around.getBoundingClientRect(), shown.getBoundingClientRect()]
    if (inner.top < outer.top || inner.bottom > outer.bottom)
      around.scrollTop += inner.top - outer.top - outer.height / 3
  }, [first, context])
  const move = (event: React.KeyboardEvent) => {
    const next = placeByKey(event.key, place ?? 0, tokens.length)
    if (next === undefined) return
    event.preventDefault()
    onPlace(place === undefined && event.key.startsWith('Arrow') ? Math.max(0, first) : next)
  }
  const choose = (event: React.MouseEvent) => {
    const chosen = placeOf(event.target)
    if (chosen !== undefined) onPlace(chosen)
  }
  const sentence = place === undefined ? undefined : tokens[place]?.sentence
  return (
    <div
      ref={box}
      className="row-strip"
      role="listbox"
      aria-label="Tokens; the arrow keys go through them"
      tabIndex={0}
      {...(place !== undefined && { 'aria-activedescendant': `${id}-${place}` })}
      onKeyDown={move}
      onClick={choose}
    >
      {tokens.map((token, index) => (
        <span
          key={index}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === place}
          aria-label={nameOf(token, text, spelled)}
          data-place={index}
          data-kind={kindOf(token, spelled)}
          data-left-out={token.split === 0 || undefined}
          data-marked={marked[index] === true || undefined}
          data-sentence={token.sentence === sentence || undefined}
        >
          {spelling(token, text, spelled)}
        </span>
      ))}
    </div>
  )
}

/** Those that share a character with one of `ranges`, which are in order. */
function markedTokens(
  tokens: readonly RowToken[],
  ranges: readonly (readonly [number, number])[],
): boolean[] {
  return tokens.map(({ start, end }) => ranges.some(([from, to]) => start < to && end > from))
}

function kindOf({ start, end, special }: RowToken, spelled: boolean): string | undefined {
  if (!spelled) return 'id'
  if (special !== null) return 'special'
  return start === end ? 'part' : undefined
}

/** As it is read: line ends are made visible, and break the line all the same. */
function spelling(token: RowToken, text: string, spelled: boolean): string {
  if (!spelled) return String(token.id)
  if (token.special !== null) return token.special
  if (token.start === token.end) return '◦'
  return text.slice(token.start, token.end).replaceAll('\n', '↵\n')
}

/** As it is read aloud. */
function nameOf(token: RowToken, text: string, spelled: boolean): string {
  if (!spelled) return `token ${token.id}`
  if (token.special !== null) return token.special
  const own = text.slice(token.start, token.end)
  if (own === '') return 'part of a character'
  return own.trim() === '' ? 'white space' : own
}
