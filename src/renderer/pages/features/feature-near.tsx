// The features near one: those whose direction is alike, and those that fire together with it; each links.
import { Title } from '@mantine/core'
import { useState } from 'react'
import type { FeaturePage, FeatureTable } from '../../../shared/features.ts'
import type { Notes } from '../../state/feature-rows.ts'
import { featureName, numberWords } from '../../ui/feature-words.ts'

interface FeatureNearProps {
  readonly page: FeaturePage
  readonly notes: Notes
  readonly table: FeatureTable | undefined
  onOpen(feature: number): void
}

/** Shown before more are asked for. */
const FEW = 10

export function FeatureNear({ page, notes, table, onOpen }: FeatureNearProps) {
  const { near, together, sample } = page
  const of = { notes, table, onOpen }
  return (
    <section className="feature-near" aria-label="Near it">
      <Chips
        title="Points the same way"
        note="cosine of the decoder’s directions"
        chips={near.map(({ feature, cosine }) => ({ feature, amount: cosine.toFixed(2) }))}
        {...of}
      />
      <Chips
        title="Fires together with"
        note={`normalised mutual information, over ${numberWords(sample)} sampled tokens on which it fires`}
        chips={together.map(({ feature, npmi, joint }) => ({
          feature,
          amount: npmi.toFixed(2),
          title: `both on ${numberWords(joint)} of the sampled tokens`,
        }))}
        {...of}
      />
    </section>
  )
}

interface ChipsProps extends Omit<FeatureNearProps, 'page'> {
  readonly title: string
  readonly note: string
  readonly chips: readonly { readonly feature: number; readonly amount: string; readonly title?: string }[]
}

function Chips({ title, note, chips, notes, table, onOpen }: ChipsProps) {
  const [all, setAll] = useState(false)
  return (
    <div>
      <div className="card-head">
        <Title order={3}>{title}</Title>
        <span className="muted fine">{note}</span>
      </div>
      {chips.length === 0 && <p className="muted fine">None that is worth naming.</p>}
      <ul className="chips">
        {chips.slice(0, all ? chips.length : FEW).map(({ feature, amount, title: detail }) => (
          <li key={feature}>
            <button type="button" className="chip" title={detail} onClick={() => onOpen(feature)}>
              <b>{feature}</b>
              <bdi className="cut">{featureName(feature, notes, table)}</bdi>
              <span className="muted">{amount}</span>
            </button>
          </li>
        ))}
        {chips.length > FEW && (
          <li>
            <button type="button" className="chip more" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'fewer' : `${chips.length - FEW} more`}
            </button>
          </li>
        )}
      </ul>
    </div>
  )
}
