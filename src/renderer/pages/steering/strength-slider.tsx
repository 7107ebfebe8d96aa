// A slider of a strength: it moves without React, tells each movement, and once more when it rests.
import { useCallback, useEffect, useRef } from 'react'

interface StrengthSliderProps {
  readonly id: string
  readonly label: string
  readonly value: number
  /** From −end to end. */
  readonly end: number
  /** Places on the track that mean something. */
  readonly marks: readonly SliderMark[]
  /** What the strength amounts to, in other words; behind the number. */
  words(strength: number): string
  /** With each movement. */
  onMove(strength: number): void
  /** Once it rests, or is let go. */
  onRest(strength: number): void
  onFocus(): void
}

interface SliderMark {
  readonly at: number
  readonly kind: 'maximum' | 'sweet'
  readonly title: string
}

/** Milliseconds without a movement after which it rests. */
const REST = 150
/** Steps from one end to the other: 0.05 for ±2. */
const STEPS = 80

export function StrengthSlider(props: StrengthSliderProps) {
  const { id, label, value, end, marks, words, onMove, onRest, onFocus } = props
  const input = useRef<HTMLInputElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const told = useRef<HTMLSpanElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)

  const paint = useCallback(
    (strength: number) => {
      const share = (strength + end) / (2 * end)
      box.current?.style.setProperty('--at', String(share))
      box.current?.style.setProperty('--from', String(Math.min(0.5, share)))
      box.current?.style.setProperty('--width', String(Math.abs(share - 0.5)))
      const text = `${strengthWords(strength)} × norm`
      if (told.current) told.current.textContent = text
      input.current?.setAttribute('aria-valuetext', [text, words(strength)].filter(Boolean).join(', '))
    },
    [end, words],
  )
  useEffect(() => {
    // while it moves the thumb knows better
    if (timer.current !== null || !input.current) return
    input.current.value = String(value)
    paint(value)
  }, [value, paint])
  useEffect(() => () => clearTimeout(timer.current ?? undefined), [])

  const rest = () => {
    if (timer.current === null || !input.current) return
    clearTimeout(timer.current)
    timer.current = null
    onRest(Number(input.current.value))
  }
  return (
    <div className="strength" data-tour="strength" ref={box}>
      <div className="strength-track">
        <i className="strength-fill" aria-hidden />
        <i className="strength-zero" aria-hidden />
        {marks
          .filter(({ at }) => Math.abs(at) <= end)
          .map(({ at, kind, title }) => (
            <i
              key={kind}
              className="strength-mark"
              data-kind={kind}
              title={title}
              style={{ left: `calc(var(--half) + ${(at + end) / (2 * end)} * (100% - 2 * var(--half)))` }}
            />
          ))}
        <input
          ref={input}
          id={id}
          type="range"
          aria-label={label}
          min={-end}
          max={end}
          step={(2 * end) / STEPS}
          defaultValue={value}
          onChange={(event) => {
            const strength = Number(event.currentTarget.value)
            if (timer.current !== null) clearTimeout(timer.current)
            timer.current = setTimeout(rest, REST)
            paint(strength)
            onMove(strength)
          }}
          onPointerUp={rest}
          onBlur={rest}
          onFocus={onFocus}
        />
      </div>
      <div className="strength-words" aria-hidden>
        <span className="muted">{strengthWords(-end)}</span>
        <span ref={told} className="strength-now" />
        <span className="muted">{strengthWords(end)}</span>
      </div>
    </div>
  )
}

/** "+0.50", "−2.00", "0.00". */
export function strengthWords(strength: number): string {
  const text = Math.abs(strength).toFixed(2)
  if (Number(text) === 0) return '0.00'
  return `${strength < 0 ? '−' : '+'}${text}`
}
