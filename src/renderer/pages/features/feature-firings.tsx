// All contexts in which a feature fires, a piece at a time: the strongest first or as the corpus has them, of one domain or all.
import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import type { FeaturePage, IndexManifest } from '../../../shared/features.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { numberWords } from '../../ui/feature-words.ts'
import { type ContextsOf, FeatureContexts } from './feature-contexts.tsx'

interface FeatureFiringsProps {
  readonly page: FeaturePage
  readonly manifest: IndexManifest | null
  readonly of: ContextsOf
}

export function FeatureFirings({ page, manifest, of }: FeatureFiringsProps) {
  const [open, setOpen] = useState(false)
  return (
    <details className="feature-more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>All {numberWords(page.contexts)} contexts where it fires</summary>
      {open && <Firings manifest={manifest} of={of} />}
    </details>
  )
}

/** Contexts asked for at first, with each further click, and at most. */
const PIECE = 20
const MOST = 200

type Order = 'strongest' | 'corpus'

/** All strata, as a value of the select. */
const ALL = '*'

function Firings({ manifest, of }: Omit<FeatureFiringsProps, 'page'>) {
  const { sae, harvest, feature } = of
  const [order, setOrder] = useState<Order>('strongest')
  const [stratum, setStratum] = useState(ALL)
  const [limit, setLimit] = useState(PIECE)
  const { output, error } = useCall('features.firings', {
    ...{ sae, harvest, feature, order, limit },
    ...(stratum !== ALL && { stratum: stratum.slice(1) }),
  })
  const strata = manifest?.strata ?? []
  return (
    <>
      <div className="firings-head">
        <Select
          size="xs"
          aria-label="Order of the contexts"
          allowDeselect={false}
          value={order}
          onChange={(value) => setOrder(value!)}
          data={[
            { value: 'strongest', label: 'The strongest first' },
            { value: 'corpus', label: 'As in the corpus' },
          ]}
        />
        {strata.length > 1 && (
          <Select
            size="xs"
            aria-label="Domain of the contexts"
            allowDeselect={false}
            value={stratum}
            onChange={(value) => setStratum(value ?? ALL)}
            data={[
              { value: ALL, label: 'All domains' },
              // a sign before it: documents without a domain have an empty name
              ...strata.map(({ name }) => ({ value: `=${name ?? ''}`, label: name ?? 'Without a domain' })),
            ]}
          />
        )}
        <span className="muted fine" role="status">
          {output && `${numberWords(output.total)} contexts`}
        </span>
      </div>
      {error && <ErrorText error={error} />}
      {output && <FeatureContexts label="Contexts where it fires" examples={output.examples} {...of} />}
      {output && output.examples.length < Math.min(output.total, MOST) && (
        <Button size="compact-xs" onClick={() => setLimit(Math.min(MOST, limit + 2 * PIECE))}>
          Show more
        </Button>
      )}
    </>
  )
}
