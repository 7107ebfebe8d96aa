// What an SAE is one of: the others that were trained beside it on the same rows, and the way to each.
import { Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { SaeEntry } from '../../../shared/saes.ts'
import { MOST_COMPARED, saeWords } from '../../ui/sae-words.ts'

export function SaeSweep({
  of,
  saes,
}: {
  readonly of: SaeEntry & { readonly sweep: NonNullable<SaeEntry['sweep']> }
  readonly saes: readonly SaeEntry[]
}) {
  const { members } = of.sweep
  const there = saes.filter(({ id }) => members.includes(id))
  there.sort((a, b) => members.indexOf(a.id) - members.indexOf(b.id))
  return (
    <section className="card sae-sweep" aria-label="Sweep">
      <div className="card-head">
        <Title order={2}>
          One of {members.length} trained side by side: {of.sweep.of}
        </Title>
        {there.length > 1 && (
          <Link
            to="/sae/compare"
            search={{
              ids: there
                .slice(0, MOST_COMPARED)
                .map(({ id }) => id)
                .join(','),
            }}
          >
            Compare them
          </Link>
        )}
      </div>
      <dl className="facts">
        {there.map((sae) => (
          <SweepMember key={sae.id} sae={sae} here={sae.id === of.id} />
        ))}
      </dl>
    </section>
  )
}

function SweepMember({ sae, here }: { readonly sae: SaeEntry; readonly here: boolean }) {
  const { id, state, sweep, problem, done } = sae
  return (
    <>
      <dt>{sweep?.name ?? id}</dt>
      <dd>
        {here ? (
          <strong aria-current="page">this one</strong>
        ) : (
          <Link to="/sae/$id" params={{ id }}>
            {id}
          </Link>
        )}{' '}
        <span className="muted">{done ? saeWords(sae) : (problem ?? state)}</span>
      </dd>
    </>
  )
}
