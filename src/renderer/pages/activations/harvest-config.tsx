// What a harvest was asked for, and what was measured before its first row.
import { Title } from '@mantine/core'
import { fieldsOf } from '../../../shared/config.ts'
import { formatNumber } from '../../../shared/units.ts'
import { harvestConfigSchema, type HarvestManifest } from '../../../shared/harvest.ts'
import { Fact, Facts } from '../../ui/facts.tsx'

const fields = fieldsOf(harvestConfigSchema)

export function HarvestConfigCard({ manifest }: { readonly manifest: HarvestManifest }) {
  const { config, model, calibration } = manifest
  const given = config as Readonly<Record<string, unknown>>
  return (
    <section className="card" aria-label="Configuration">
      <Title order={2}>Configuration</Title>
      <Facts>
        {fields.map(({ name, label, unit, input }) => {
          const value = given[name]
          if (value === undefined) return null
          const text =
            typeof value === 'number' ? value.toLocaleString('en-US') : `${value as string | boolean}`
          const path = input !== undefined && /[/\\]/.test(text) ? text : undefined
          return (
            <Fact
              key={name}
              name={label.toLowerCase()}
              value={[text, unit].filter(Boolean).join(' ')}
              exact={input !== undefined}
              {...(path !== undefined && { path })}
            />
          )
        })}
        <Fact name="hook" value={model.hook} exact />
        <Fact
          name="width"
          value={`${model.width.toLocaleString('en-US')} numbers a row, computed in ${model.precision}`}
        />
        <Fact name="model’s SHA-256" value={model.hash} exact />
        <Fact
          name="calibration"
          value={`median norm ${formatNumber(calibration.medianNorm)}, sinks from ${formatNumber(calibration.sinkNorm)}; ${calibration.contexts} contexts, ${calibration.tokens.toLocaleString('en-US')} tokens`}
        />
      </Facts>
    </section>
  )
}
