// How long the rows of a harvest are, by their position in the context.
import { Title } from '@mantine/core'
import { Suspense, useMemo } from 'react'
import { formatNumber } from '../../../shared/units.ts'
import type { HarvestManifest } from '../../../shared/harvest.ts'
import { lazyPart } from '../../ui/lazy-part.ts'

const NormHistogramChart = lazyPart(
  async () => (await import('../../charts/norm-histogram-chart.tsx')).NormHistogramChart,
)

interface HarvestNormsProps {
  readonly norms: HarvestManifest['norms']
  /** From where on rows are attention sinks; not known while it runs. */
  readonly sinkNorm?: number
}

export function HarvestNorms({ norms: { mean, histogram }, sinkNorm }: HarvestNormsProps) {
  const marks = useMemo(
    () => [
      ...(mean > 0 ? [{ name: 'mean', norm: mean }] : []),
      ...(sinkNorm === undefined ? [] : [{ name: 'sinks', norm: sinkNorm }]),
    ],
    [mean, sinkNorm],
  )
  return (
    <section className="card" aria-label="Norms">
      <div className="card-head">
        <Title order={2}>Norm of the residual stream</Title>
        <span className="muted fine">by position in the context, on a logarithmic scale</span>
      </div>
      <Suspense fallback={<p className="muted">Drawing…</p>}>
        <NormHistogramChart histogram={histogram} marks={marks} />
      </Suspense>
      <p className="muted fine lead">
        {mean > 0 && `Mean ${formatNumber(mean)}, without special tokens and sinks. `}
        The more colour, the more rows of these positions have that norm.
      </p>
    </section>
  )
}
