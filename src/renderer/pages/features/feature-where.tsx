// Where a feature fires: its density by domain, language, position and split, as bars beside its overall density.
import { Title } from '@mantine/core'
import type { FeaturePage } from '../../../shared/features.ts'
import { densityWords, numberWords } from '../../ui/feature-words.ts'

type Density = FeaturePage['byStratum'][number]

/** Groups of a kind that are drawn; the others have fewer firings than these. */
const MOST = 12

export function FeatureWhere({ page }: { readonly page: FeaturePage }) {
  const { byStratum, byLanguage, byPosition, bySplit, density } = page
  const byDensity = (rows: readonly Density[]) => rows.toSorted((a, b) => b.density - a.density)
  return (
    <section className="feature-where" aria-label="Where it fires">
      <Densities title="By domain" rows={byDensity(byStratum)} overall={density} none="without a domain" />
      <Densities
        title="By language"
        rows={byDensity(byLanguage)}
        overall={density}
        none="without a language"
      />
      <Densities
        title="By position in the context"
        // as they follow each other, up to the last that any row has
        rows={byPosition.filter(({ rows }) => rows > 0)}
        overall={density}
        none="?"
      />
      <Densities title="In training and validation rows" rows={bySplit} overall={density} none="?" />
    </section>
  )
}

interface DensitiesProps {
  readonly title: string
  readonly rows: readonly Density[]
  readonly overall: number
  /** Said for documents that name none. */
  readonly none: string
}

function Densities({ title, rows, overall, none }: DensitiesProps) {
  // one alone says nothing that the overall density does not say
  if (rows.length < 2) return null
  const shown = rows.slice(0, MOST)
  const greatest = Math.max(...shown.map(({ density }) => density), overall, Number.MIN_VALUE)
  return (
    <div>
      <Title order={3}>{title}</Title>
      <ul className="densities" style={{ '--overall': overall / greatest } as React.CSSProperties}>
        {shown.map(({ name, density, firings, rows: of }) => (
          <li key={name} title={`${numberWords(firings)} of ${numberWords(of)} tokens`}>
            <bdi className="cut">{name ?? none}</bdi>
            <span className="bar" aria-hidden>
              <i style={{ width: `${(100 * density) / greatest}%` }} />
            </span>
            <span className="value">{densityWords(density)}</span>
          </li>
        ))}
      </ul>
      {rows.length > MOST && <p className="muted fine">and {rows.length - MOST} where it fires less often</p>}
    </div>
  )
}
