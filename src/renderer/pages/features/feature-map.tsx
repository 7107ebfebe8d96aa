// The map of all features above their table: what is chosen on it is what the table shows.
import { Button } from '@mantine/core'
import { Suspense } from 'react'
import type { FeatureTable } from '../../../shared/features.ts'
import { allRows } from '../../state/feature-rows.ts'
import { setFilter, useFeatureView } from '../../state/feature-view.ts'
import { densityWords } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import { lazyPart } from '../../ui/lazy-part.ts'

const FeatureMapChart = lazyPart(
  async () => (await import('../../charts/feature-map-chart.tsx')).FeatureMapChart,
)

interface FeatureMapProps {
  readonly table: FeatureTable
  onOpen(feature: number): void
}

const { density: anyDensity, max: anyMax } = allRows

export function FeatureMap({ table, onOpen }: FeatureMapProps) {
  const { density, max } = useFeatureView((view) => view.filter)
  const chosen = density !== anyDensity || max !== anyMax
  const dead = table.density.reduce((count, share) => count + (share > 0 ? 0 : 1), 0)
  return (
    <section className="card feature-map-card" aria-label="Map">
      <Suspense fallback={<div className="feature-map" />}>
        <FeatureMapChart
          table={table}
          onOpen={onOpen}
          chosen={chosen}
          onArea={([densities, maxima]) => setFilter({ density: densities, max: maxima })}
        />
      </Suspense>
      <p className="muted fine map-note">
        {chosen
          ? `Below: density ${densityWords(density[0])} to ${densityWords(density[1])}${max === anyMax ? '' : `, maximum ${activationWords(max[0])} to ${activationWords(max[1])}`}.`
          : 'Draw a rectangle to see its features below; click a point to open it.'}
        {dead > 0 && ` ${dead} dead ones have no place here.`}
        {chosen && (
          <Button size="compact-xs" onClick={() => setFilter({ density: anyDensity, max: anyMax })}>
            All of them
          </Button>
        )}
      </p>
    </section>
  )
}
