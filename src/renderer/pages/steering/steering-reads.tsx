// A feature's activation along the steered text, as small bars.
import { memo } from 'react'
import { useDesk } from '../../state/desk.ts'
import { pinnedOf } from '../../state/steering-setup.ts'
import { activationWords } from '../../../shared/heat.ts'
import { readsOf } from './steering-colors.ts'

interface SteeringReadsProps {
  readonly feature: number
  /** The greatest there is; 0 where that is not known. */
  readonly max: number
}

const HEIGHT = 14

export const SteeringReads = memo(function SteeringReads({ feature, max }: SteeringReadsProps) {
  const run = useDesk((desk) => desk.live.run)
  const state = run?.state
  const prompt = state?.steeredPrompt ?? null
  if (!run || !state || prompt === null) return null
  const pinned = pinnedOf(run.setup)
  const values = readsOf(state.rows[1], prompt, pinned.length, pinned.indexOf(feature))
  if (values.length === 0) return null
  const greatest = Math.max(...values)
  const top = Math.max(max, greatest)
  const text = `Feature ${feature} along the steered text: at most ${activationWords(greatest)}`
  return (
    <svg
      className="steering-reads"
      role="img"
      aria-label={text}
      viewBox={`0 0 ${Math.max(1, run.setup.maxTokens)} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      <title>{text}</title>
      {top > 0 &&
        values.map((value, at) => {
          const height = (HEIGHT * Math.max(0, value)) / top
          return <rect key={at} x={at} width={0.8} y={HEIGHT - height} height={height} />
        })}
    </svg>
  )
})
