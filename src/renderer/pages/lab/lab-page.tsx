// The prompt lab: sets of prompts on the left, and on the right what the features of an SAE make of one or two of them.
import { Button, Progress, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { FeatureIndex } from '../../../shared/features.ts'
import { labTitle, type ListedRun } from '../../../shared/prompt-lab.ts'
import { succeeds } from '../../state/actions.ts'
import { useCall } from '../../state/use-call.ts'
import { useRun } from '../../state/use-run.ts'
import { useStream } from '../../state/use-stream.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { PlaceChoice, usePlaces } from '../../ui/feature-place.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { LabResults } from './lab-results.tsx'
import { LabSets } from './lab-sets.tsx'

const purpose = 'Keep sets of prompts, and compare what features make of them.'

export function LabPage() {
  const [sae, setSae] = useState<string>()
  const { places, place, error: failed } = usePlaces(sae, undefined)
  const { state: lab, error } = useStream('lab.watch', undefined)
  const [set, setSet] = useState<string>()
  const [against, setAgainst] = useState<string | null>(null)
  const [open, setOpen] = useState<string>()
  const { state: runs, error: runError, running, start, stop } = useRun('lab.run')
  if (!lab || !places) {
    const problem = error ?? failed
    return problem ? <ErrorText error={problem} /> : null
  }
  const chosen = lab.sets.find(({ id }) => id === set) ?? lab.sets[0]
  const other = lab.sets.find(({ id }) => id === against && id !== chosen?.id)
  const shown = lab.runs.find(({ id }) => id === open) ?? lab.runs[0]
  const begin = (sae: string, a: string) =>
    start({ sae, a, b: other?.id ?? null }, ({ run }) => {
      if (run !== null) setOpen(run)
    })
  const progress = running ? (runs ?? { done: 0, total: 0 }) : undefined
  return (
    <div className="page lab">
      <PageHead title="Prompt lab" note={purpose}>
        {place && <PlaceChoice places={places} place={place} onPlace={(next) => setSae(next.sae.id)} />}
      </PageHead>
      <div className="lab-columns">
        <LabSets sets={lab.sets} chosen={chosen} onChoose={setSet} />
        <div className="lab-right">
          {place ? (
            <section className="card lab-bar" aria-label="Run">
              <strong className="cut">{chosen?.name}</strong>
              {!progress && (
                <Select
                  size="xs"
                  w={230}
                  aria-label="Contrast with"
                  placeholder={chosen?.languages ? chosen.languages.join(' against ') : 'Contrast with…'}
                  clearable
                  value={other?.id ?? null}
                  onChange={setAgainst}
                  data={lab.sets
                    .filter(({ id }) => id !== chosen?.id)
                    .map(({ id, name }) => ({ value: id, label: name }))}
                />
              )}
              {progress ? (
                <>
                  <Progress
                    className="grow"
                    aria-label="Prompts read"
                    value={progress.total > 0 ? (100 * progress.done) / progress.total : 0}
                  />
                  <span className="muted fine" role="status">
                    {progress.total > 0
                      ? `${progress.done} of ${progress.total} prompts`
                      : 'loading the model…'}
                  </span>
                  <Button size="xs" onClick={stop}>
                    Cancel
                  </Button>
                </>
              ) : (
                <Button
                  size="xs"
                  variant="filled"
                  disabled={!chosen}
                  onClick={() => chosen && begin(place.sae.id, chosen.id)}
                >
                  Run
                </Button>
              )}
            </section>
          ) : (
            <section className="card empty">
              <strong>No SAE yet</strong>
              <p>Prompts are read by a model and its sparse autoencoder. Train or import one first.</p>
              <Button component={Link} to="/sae" variant="filled">
                Go to the SAEs
              </Button>
            </section>
          )}
          {runError && <ErrorText error={runError} />}
          {shown && (
            <Shown
              key={shown.id}
              runs={lab.runs}
              shown={shown}
              index={
                places.find(({ sae: one, index }) => one.id === shown.sae.id && index?.state === 'ready')
                  ?.index
              }
              onOpen={setOpen}
            />
          )}
        </div>
      </div>
    </div>
  )
}

interface ShownProps {
  readonly runs: readonly ListedRun[]
  readonly shown: ListedRun
  readonly index: FeatureIndex | undefined
  onOpen(id: string): void
}

function Shown({ runs, shown, index, onOpen }: ShownProps) {
  const { output, error } = useCall('lab.result', { id: shown.id })
  const [asking, question] = useDisclosure(false)
  async function remove() {
    if (await succeeds('lab.removeResult', { id: shown.id })) question.close()
  }
  return (
    <>
      <div className="lab-bar">
        <Select
          size="xs"
          className="grow"
          aria-label="Saved runs"
          allowDeselect={false}
          value={shown.id}
          onChange={(id) => id !== null && onOpen(id)}
          data={runs.map((one) => ({ value: one.id, label: runWords(one) }))}
        />
        <Button size="compact-xs" color="red" onClick={question.open}>
          Delete run…
        </Button>
        <DeleteDialog
          title={`Delete the run “${labTitle(shown)}”?`}
          opened={asking}
          onClose={question.close}
          onDelete={remove}
        >
          <p className="lead">
            Its table is deleted; reports that were made of it are copies and stay. This cannot be undone.
          </p>
        </DeleteDialog>
      </div>
      {error && <ErrorText error={error} />}
      {output && <LabResults run={output} index={index} />}
    </>
  )
}

function runWords(run: ListedRun): string {
  return `${labTitle(run)} · ${run.sae.id} · ${formatTime(run.at)}`
}
