// Several SAEs side by side: what they were trained with, what was found of them, and their curves over each other.
import { Button } from '@mantine/core'
import { Link, useSearch } from '@tanstack/react-router'
import { type ComparedRow, differences, figures } from '../../../shared/sae-comparison.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { useSaes } from '../../state/use-saes.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { Gone } from '../../ui/gone.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { uniqueNames } from '../../ui/sae-words.ts'
import { SaeCurves } from './sae-curves.tsx'

export function SaeComparePage() {
  const { ids = '' } = useSearch({ from: '/sae/compare' })
  const { output, error } = useSaes()
  if (error) return <ErrorText error={error} />
  if (!output) return null
  const saes = ids.split(',').flatMap((id) => output.find((candidate) => candidate.id === id) ?? [])
  if (saes.length < 2) {
    return (
      <Gone
        title="There is nothing to compare"
        note="Choose two SAEs or more; those that were chosen before may have been deleted."
        to="/sae"
        go="Go to the SAEs"
      />
    )
  }
  const names = uniqueNames(saes)
  return (
    <div className="page">
      <PageHead title="Compare SAEs" note={`${saes.length} side by side.`}>
        <Button component={Link} to="/sae">
          All SAEs
        </Button>
      </PageHead>
      <section className="card" aria-label="Side by side">
        <div className="scroll" tabIndex={0} role="region" aria-label="Settings and figures">
          <table className="numbers compared">
            <thead>
              <tr>
                <td />
                {saes.map(({ id }, at) => (
                  <th key={id} scope="col">
                    <Link to="/sae/$id" params={{ id }}>
                      {names[at]}
                    </Link>
                  </th>
                ))}
              </tr>
            </thead>
            <Rows title="What was found" rows={figures(saes)} saes={saes} />
            <Rows title="What differs in how they were trained" rows={differences(saes)} saes={saes} />
          </table>
        </div>
      </section>
      <SaeCurves runs={saes.map(({ id, state }, at) => ({ id, name: names[at]!, state }))} />
    </div>
  )
}

interface RowsProps {
  readonly title: string
  readonly rows: readonly ComparedRow[]
  readonly saes: readonly SaeEntry[]
}

function Rows({ title, rows, saes }: RowsProps) {
  return (
    <tbody>
      <tr className="part">
        <th scope="rowgroup" colSpan={saes.length + 1}>
          {title}
          {rows.length === 0 && <span className="muted">: nothing</span>}
        </th>
      </tr>
      {rows.map(({ name, values }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          {values.map((value, at) => (
            <td key={saes[at]!.id}>{value ?? <span className="muted">–</span>}</td>
          ))}
        </tr>
      ))}
    </tbody>
  )
}
