// A text with places marked in it.

interface MarkedProps {
  readonly text: string
  /** Where `text` begins in what `ranges` count in. */
  readonly from: number
  /** In order; they may overlap. */
  readonly ranges: readonly (readonly [number, number])[]
}

export function Marked({ text, from, ranges }: MarkedProps) {
  const parts: { readonly text: string; readonly marked: boolean }[] = []
  let at = 0
  for (const [start, end] of ranges) {
    const [first, last] = [Math.max(at, start - from), Math.min(text.length, end - from)]
    if (first >= last) continue
    if (first > at) parts.push({ text: text.slice(at, first), marked: false })
    parts.push({ text: text.slice(first, last), marked: true })
    at = last
  }
  parts.push({ text: text.slice(at), marked: false })
  return parts.map((part, index) =>
    part.marked ? <mark key={index}>{part.text}</mark> : <span key={index}>{part.text}</span>,
  )
}
