// A harvest under way: what has come so far, stratum by stratum, and how long its rows are.
import { Title } from '@mantine/core'
import type { Harvest } from '../../../shared/harvests.ts'
import { formatCount } from '../../../shared/units.ts'
import { useStream } from '../../state/use-stream.ts'
import { HarvestNorms } from './harvest-norms.tsx'
import { HarvestStrata } from './harvest-strata.tsx'

export function HarvestLive({ harvest: { id, state } }: { readonly harvest: Harvest }) {
  const { state: sketch } = useStream('harvests.sketch', { id })
  if (!sketch) {
    if (state === 'stopped') return null
    return (
      <section className="card" aria-label="So far">
        <Title order={2}>So far</Title>
        <p className="muted lead">
          {state === 'waiting'
            ? 'It waits for its turn.'
            : 'Nothing yet: the model is loaded and the corpus is looked at first, and a sample is drawn where one was asked for.'}
        </p>
      </section>
    )
  }
  const { rows, contexts, documents, split, strata, norms, shards } = sketch
  return (
    <>
      <section className="card" aria-label="So far">
        <Title order={2}>So far</Title>
        <dl className="tiles">
          <Tile name="rows" value={rows} />
          <Tile name="contexts" value={contexts} />
          <Tile
            name="documents used"
            value={documents.used}
            note={`of ${formatCount(documents.read)} read`}
          />
          <Tile name="train" value={split.train} />
          <Tile name="validation" value={split.validation} />
          <Tile name="left out" value={split.special + split.sink + split.frequent} />
          <Tile name="shards" value={shards} note="complete on disk" />
        </dl>
      </section>
      <div className="harvest-columns">
        <HarvestStrata strata={strata} />
        <HarvestNorms norms={norms} />
      </div>
    </>
  )
}

interface TileProps {
  readonly name: string
  readonly value: number
  readonly note?: string
}

function Tile({ name, value, note }: TileProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value.toLocaleString('en-US')}</strong>
        {note !== undefined && <span className="muted fine">{note}</span>}
      </dd>
    </div>
  )
}
