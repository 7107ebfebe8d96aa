// What a training would take: memory, steps, time and the share that only moves state, asked for while its form is filled in.
import { Button, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { type TrainConfig, trainConfigSchema } from '../../../shared/sae.ts'
import type { TrainingPlan } from '../../../shared/saes.ts'
import { formatBytes, formatCount, formatPercent, formatSeconds } from '../../../shared/units.ts'
import { useCall } from '../../state/use-call.ts'
import { CostLacks } from '../../ui/cost-lacks.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { ErrorCode } from '../../ui/error-code.tsx'
import { type OnRefusal, useRefusal } from '../../ui/refusal.ts'

/** Milliseconds after the last change in which it is not asked. */
const PAUSE = 250

interface SaeCostProps {
  readonly values: Record<string, unknown>
  /** Takes a width that fits. */
  onWidth(width: number): void
  readonly onRefusal: OnRefusal
}

export function SaeCost({ values, onWidth, onRefusal }: SaeCostProps) {
  const [settled] = useDebouncedValue(values, PAUSE)
  const config = trainConfigSchema.safeParse(settled).data
  return (
    <aside className="cost" aria-label="What it needs" aria-live="polite">
      <Title order={3}>What it needs</Title>
      {config && (config.live || config.harvest !== undefined) ? (
        <Asked config={config} onWidth={onWidth} onRefusal={onRefusal} />
      ) : (
        <CostLacks
          schema={trainConfigSchema}
          values={settled}
          missing="Name a harvest, or train live,"
          told="memory, steps and time"
        />
      )}
    </aside>
  )
}

interface AskedProps extends Omit<SaeCostProps, 'values'> {
  readonly config: TrainConfig
}

function Asked({ config, onWidth, onRefusal }: AskedProps) {
  const { output, error } = useCall('saes.plan', config)
  useRefusal(onRefusal, error, output?.refusal?.message)
  if (error) return <ErrorText error={error} />
  if (!output) return <p className="muted">Working it out…</p>
  return <Estimate plan={output} onWidth={onWidth} />
}

function Estimate({ plan, onWidth }: { readonly plan: TrainingPlan; onWidth(width: number): void }) {
  const { device, memory, bytes, steps, batch, stepsPerRun, moments, members, transferShare, time, refusal } =
    plan
  return (
    <>
      <dl className="cost-facts">
        <dt>memory</dt>
        <dd data-lacks={refusal !== null || undefined}>
          <strong>{formatBytes(bytes.total)}</strong>
          <span className="muted">
            {' '}
            {memory !== null && `of ${formatBytes(memory)} `}on {device.name}
          </span>
        </dd>
        <dt>of it</dt>
        <dd className="muted">
          {formatBytes(bytes.states)} state, {formatBytes(bytes.gradients)} gradients,{' '}
          {formatBytes(bytes.activations + bytes.rows)} rows and codes
        </dd>
        <dt>steps</dt>
        <dd>
          <strong>{formatCount(steps)}</strong>
          <span className="muted">
            {' '}
            of {formatCount(batch)} rows{members > 1 && `, for each of ${members} SAEs`}
          </span>
        </dd>
        <dt>time</dt>
        <dd>
          {time ? (
            <strong>{formatSeconds(time.seconds)}</strong>
          ) : (
            <span className="muted">not known: the device has not been measured</span>
          )}
        </dd>
      </dl>
      {refusal && (
        <>
          <p className="bad">
            {refusal.message} <ErrorCode code={refusal.code} />
          </p>
          {refusal.widest > 0 ? (
            <Button mt="xs" size="compact-sm" onClick={() => onWidth(refusal.widest)}>
              Take a width of {refusal.widest.toLocaleString('en-US')}
            </Button>
          ) : (
            <p>{refusal.hint}</p>
          )}
        </>
      )}
      <p className="muted fine">
        {time && `${time.basis} `}
        {formatCount(stepsPerRun)} {stepsPerRun === 1 ? 'step' : 'steps'} at a time, Adam’s moments in{' '}
        {moments}
        {transferShare !== null && `; ${formatPercent(transferShare)} of the time moves state`}. Memory is
        estimated.
      </p>
    </>
  )
}
