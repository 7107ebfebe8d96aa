// What of a corpus will not be read, by reason, with the first of them named.
import { Title } from '@mantine/core'
import { type CorpusLedger, type SkipReason, skipWords } from '../../../shared/corpus.ts'
import { formatCount } from '../../../shared/units.ts'

/** Faults that are listed. */
const LISTED = 50

export function CorpusFaults({ sample }: { readonly sample: CorpusLedger }) {
  const { skipped, faults, replaced } = sample
  const reasons = Object.entries(skipped) as [SkipReason, number][]
  if (reasons.length === 0 && replaced === 0) return null
  const counts = reasons.map(([reason, count]) => `${formatCount(count)} ${skipWords[reason]}`)
  const broken = replaced === 0 ? [] : [`${formatCount(replaced)} characters for bytes that are no text`]
  return (
    <section className="card corpus-faults" aria-label="Left out">
      <Title order={2}>Left out</Title>
      <p>{[...counts, ...broken].join(' · ')}. None of it stops a harvest.</p>
      {faults.length > 0 && (
        <details>
          <summary>
            {faults.length > LISTED ? `The first ${LISTED}` : `${faults.length} with where and why`}
          </summary>
          <ul>
            {faults.slice(0, LISTED).map(({ ordinal, source, reason, detail }) => (
              <li key={`${ordinal} ${source}`}>
                <bdi className="mono cut" title={source}>
                  {source}
                </bdi>
                <span className="muted">
                  {skipWords[reason]}: {detail}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
