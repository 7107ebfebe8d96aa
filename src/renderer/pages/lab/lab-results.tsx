// What came of a run of the prompt lab: its features ranked, on a scatter where there are two sides, and one over its prompts.
import { Button, SegmentedControl, Select } from '@mantine/core'
import { useCallback, useMemo, useState } from 'react'
import type { FeatureIndex } from '../../../shared/features.ts'
import {
  labCsv,
  type LabMeasure,
  type LabRun,
  type Relation,
  relations,
  relationWords,
} from '../../../shared/prompt-lab.ts'
import { LabMapChart } from '../../charts/lab-map-chart.tsx'
import { useFeatureTable, useNotes } from '../../state/use-features.ts'
import { featureName } from '../../ui/feature-words.ts'
import { ReportButton } from '../../ui/report-button.tsx'
import { saveFile } from '../../state/save-file.ts'
import { LabHeat } from './lab-heat.tsx'
import { type LabOrder, labRows } from './lab-rows.ts'
import { LabTable } from './lab-table.tsx'

interface LabResultsProps {
  readonly run: LabRun
  /** Names its features and has their pages; undefined where the SAE has none that is ready. */
  readonly index: FeatureIndex | undefined
}

export function LabResults({ run, index }: LabResultsProps) {
  const [measure, setMeasure] = useState<LabMeasure>('all')
  const [order, setOrder] = useState<LabOrder>({
    column: run.kind === 'contrast' ? 'effect' : 'a',
    descending: true,
  })
  const [only, setOnly] = useState<Relation | null>(null)
  const [chosen, setChosen] = useState<number>()
  const rows = useMemo(() => labRows(run, measure, order, only), [run, measure, order, only])
  const [first, second] = [0, 1].map((side) => run.sides[side]?.language ?? run.sides[side]?.name ?? '')
  // names of sets are too long for the heads of columns
  const heads = run.kind === 'contrast' ? (['A', 'B'] as const) : ([first ?? '', second ?? ''] as const)
  const notes = useNotes(run.sae.id)
  const { table } = useFeatureTable(run.sae.id, index)
  const choose = useCallback((feature: number) => setChosen(feature), [])
  return (
    <>
      <div className="lab-bar">
        <SegmentedControl
          size="xs"
          aria-label="What of a prompt counts"
          value={measure}
          onChange={setMeasure}
          data={[
            { value: 'all', label: 'All tokens' },
            { value: 'last', label: 'Last token' },
            { value: 'max', label: 'Strongest' },
          ]}
        />
        {run.relation && (
          <Select
            size="xs"
            w={170}
            aria-label="Which features"
            placeholder="All that fire"
            clearable
            value={only}
            onChange={(value) => setOnly(relations.find((relation) => relation === value) ?? null)}
            data={relations.map((relation) => ({ value: relation, label: relationWords(run, relation) }))}
          />
        )}
        <span className="muted fine" role="status">
          {rows.length} features
          {run.kind === 'contrast' && ` · A: ${first} · B: ${second}`}
          {run.cut > 0 && ` · the end of ${run.cut} prompts was left out`}
        </span>
        <span className="end" />
        <ReportButton section={{ kind: 'lab', run: run.id }} size="compact-xs" />
        <Button
          size="compact-xs"
          onClick={() =>
            saveFile(
              `${[...new Set(run.sides.map(({ name }) => name))].join(' - ')}.csv`,
              new Blob([labCsv(run)], { type: 'text/csv' }),
            )
          }
        >
          Export CSV
        </Button>
      </div>
      <div className={run.sides.length > 1 ? 'lab-figures two' : 'lab-figures'}>
        <LabTable
          {...{ run, measure, order, rows, chosen, first: heads[0], second: heads[1] }}
          nameOf={(feature) => featureName(feature, notes, table)}
          onOrder={setOrder}
          onChoose={choose}
        />
        {run.sides.length > 1 && (
          <section className="card" aria-label="Scatter">
            <LabMapChart {...{ run, measure, first: first ?? '', second: second ?? '' }} onChoose={choose} />
          </section>
        )}
      </div>
      {chosen === undefined ? (
        <p className="muted fine">Choose a feature to see its heat over the prompts.</p>
      ) : (
        <LabHeat key={`${run.id} ${chosen}`} run={run} feature={chosen} harvest={index?.harvest} />
      )}
    </>
  )
}
