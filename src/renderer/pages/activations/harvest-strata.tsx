// The tokens of each stratum as bars, the largest first.
import { Title } from '@mantine/core'
import type { HarvestLedger } from '../../../shared/harvest.ts'
import { formatCount } from '../../../shared/units.ts'
import { Bars } from '../../ui/bars.tsx'

export function HarvestStrata({ strata }: Pick<HarvestLedger, 'strata'>) {
  return (
    <section className="card" aria-label="Strata">
      <Title order={2}>Strata</Title>
      <Bars
        unit="tokens"
        rows={Object.entries(strata).map(([name, { tokens, documents }]) => ({
          name: name === '' ? 'without a stratum' : name,
          amount: tokens,
          note: `${formatCount(documents)} ${documents === 1 ? 'document' : 'documents'}`,
        }))}
      />
    </section>
  )
}
