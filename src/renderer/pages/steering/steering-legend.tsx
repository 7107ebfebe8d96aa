// What the colours and marks of the two texts mean.
import type { RunView } from '../../state/live-steering.ts'
import type { ColorChoice } from './steering-colors.ts'

interface SteeringLegendProps {
  readonly color: ColorChoice
  readonly run: RunView
}

export function SteeringLegend({ color, run }: SteeringLegendProps) {
  const words =
    color === 'none'
      ? ''
      : color === 'log-probability'
        ? 'The more colour, the less the model expected the token. '
        : color === 'kl'
          ? isApart(run)
            ? 'No KL here: the baseline has ended, or answers another conversation. Another colour tells more. '
            : 'The more colour, the further the steered model’s expectation is from the baseline’s at that step. '
          : 'The more colour, the stronger the feature fires on the token. '
  return (
    <p className="steering-legend muted fine">
      {words}
      <b>◆</b> where the texts part; <u>dotted</u>: three or more tokens that both have again.
    </p>
  )
}

/** No token was written beside one of the baseline, as in a chat that has gone on differently. */
function isApart({ state }: RunView): boolean {
  const tokens = state?.rows[1]?.tokens ?? []
  return tokens.length > 0 && tokens.every(({ kl }) => kl === null)
}
