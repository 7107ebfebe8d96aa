// The characters of each stratum or language as bars, the largest first.
import { Title } from '@mantine/core'
import type { MoreStrata, Strata } from '../../../shared/corpus.ts'
import { formatCount } from '../../../shared/units.ts'
import { Bars } from '../../ui/bars.tsx'

interface CorpusStrataProps {
  readonly title: string
  /** What those are called that name none. */
  readonly none: string
  readonly strata: Strata
  readonly more: MoreStrata
}

export function CorpusStrata({ title, none, strata, more }: CorpusStrataProps) {
  const named = strata.some(({ name }) => name !== null)
  return (
    <section className="card" aria-label={title}>
      <Title order={2}>{title}</Title>
      {named ? (
        <Bars
          unit="characters"
          more={{ names: more.names, amount: more.characters }}
          rows={strata.map(({ name, documents, characters }) => ({
            name: name ?? none,
            amount: characters,
            note: `${formatCount(documents)} ${documents === 1 ? 'document' : 'documents'}`,
          }))}
        />
      ) : (
        <p className="muted">
          {title === 'Languages'
            ? 'No document names its language. Where a field does, name it as the language field.'
            : 'Documents belong to no stratum. Where a field says what they are, name it as the stratum field.'}
        </p>
      )}
    </section>
  )
}
