// How much of something is in use: a short bar with its name and its value in words.

interface MeterProps {
  readonly name: string
  /** 0 … 1, or null while it is unknown. */
  readonly fraction: number | null
  /** The value as it is read: "1.4 GB of 24 GB". */
  readonly text: string
  /** Show the words too, not only the bar. */
  readonly wordy?: boolean
  /** Being nearly full is bad news: true for memory, not for a processor. */
  readonly warns?: boolean
}

/** From this share on a bar that warns does so, by colour and in its words for screen readers. */
const HIGH = 0.9

export function Meter({ name, fraction, text, wordy = false, warns = false }: MeterProps) {
  const share = Math.min(1, Math.max(0, fraction ?? 0))
  const high = warns && share >= HIGH
  return (
    <span
      className="meter"
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={high ? `${text}, nearly full` : text}
    >
      <span>{name}</span>
      <span className="bar" data-high={high || undefined}>
        <i style={{ width: `${share * 100}%` }} />
      </span>
      {wordy && <span className="words">{text}</span>}
    </span>
  )
}
