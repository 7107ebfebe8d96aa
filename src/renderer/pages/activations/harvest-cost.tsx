// What a harvest would cost: disk, memory and time, asked for while its form is filled in.
import { Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { type HarvestConfig, harvestConfigSchema } from '../../../shared/harvest.ts'
import type { HarvestCost as Cost } from '../../../shared/harvests.ts'
import { formatBytes, formatCount, formatSeconds } from '../../../shared/units.ts'
import { useCall } from '../../state/use-call.ts'
import { CostLacks } from '../../ui/cost-lacks.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { type OnRefusal, useRefusal } from '../../ui/refusal.ts'

/** Milliseconds after the last change in which it is not asked. */
const PAUSE = 250

interface HarvestCostProps {
  readonly values: Record<string, unknown>
  readonly onRefusal: OnRefusal
}

export function HarvestCost({ values, onRefusal }: HarvestCostProps) {
  const [settled] = useDebouncedValue(values, PAUSE)
  const config = harvestConfigSchema.safeParse(settled).data
  return (
    <aside className="cost" aria-label="What it needs" aria-live="polite">
      <Title order={3}>What it needs</Title>
      {config ? (
        <Asked config={config} onRefusal={onRefusal} />
      ) : (
        <CostLacks
          schema={harvestConfigSchema}
          values={settled}
          missing="Name a model, a corpus and a layer"
          told="disk, memory and time"
        />
      )}
    </aside>
  )
}

function Asked({ config, onRefusal }: { readonly config: HarvestConfig; readonly onRefusal: OnRefusal }) {
  // what it costs does not depend on which text is read
  const { output, error } = useCall('harvests.estimate', config)
  useRefusal(onRefusal, error, output && lackWords(output)[0])
  if (error) return <ErrorText error={error} />
  if (!output) return <p className="muted">Working it out…</p>
  return <Estimate cost={output} />
}

function diskLacks({ disk }: Cost): boolean {
  return disk.freeBytes !== null && disk.meanwhile > disk.freeBytes
}

function memoryLacks({ memory }: Cost): boolean {
  return memory.limit !== null && memory.bytes > memory.limit
}

/** What its job would refuse it for. */
function lackWords(cost: Cost): string[] {
  return [
    ...(diskLacks(cost) ? ['The disk has too little room: take fewer tokens, or int8.'] : []),
    ...(memoryLacks(cost)
      ? ['It does not fit: take a smaller batch, shorter contexts or an earlier layer.']
      : []),
  ]
}

function Estimate({ cost }: { readonly cost: Cost }) {
  const { disk, memory, time } = cost
  return (
    <>
      <dl className="cost-facts">
        <dt>disk</dt>
        <dd data-lacks={diskLacks(cost) || undefined}>
          <strong>{formatBytes(disk.bytes)}</strong>
          {disk.freeBytes !== null && <span className="muted"> of {formatBytes(disk.freeBytes)} free</span>}
        </dd>
        <dt>memory</dt>
        <dd data-lacks={memoryLacks(cost) || undefined}>
          <strong>{formatBytes(memory.bytes)}</strong>
          <span className="muted">
            {' '}
            {memory.limit !== null && `of ${formatBytes(memory.limit)} `}on {memory.device}
          </span>
        </dd>
        <dt>time</dt>
        <dd>
          {time ? (
            <>
              <strong>{formatSeconds(time.seconds)}</strong>
              <span className="muted"> at {formatCount(time.tokensPerSecond)} tokens/s</span>
            </>
          ) : (
            <span className="muted">not known: no device has been measured</span>
          )}
        </dd>
      </dl>
      {lackWords(cost).map((words) => (
        <p key={words} className="bad">
          {words}
        </p>
      ))}
      <p className="muted fine">
        {time?.basis} Until it is finished it takes up to {formatBytes(disk.meanwhile)} of disk; memory is
        estimated. A corpus with less text takes less of everything.
      </p>
    </>
  )
}
