// Models worth starting with, each with its licence, its size and whether it fits where work runs; and any other by its id.
import { Button, Group, TextInput, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { catalogue, type CatalogueEntry, downloadBytes } from '../../../shared/catalogue.ts'
import { HUB, repositoryPattern } from '../../../shared/hub.ts'
import {
  judge,
  parametersOf,
  ROWS,
  SHARE,
  TOKENS,
  type WorkMemory,
  workMemory,
} from '../../../shared/model-memory.ts'
import type { Model } from '../../../shared/models.ts'
import { formatBytes, formatParameters, formatPercent } from '../../../shared/units.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { isProbing } from '../../ui/device-words.ts'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { fitWords } from './model-words.ts'
import { catalogued, isComing } from './models-here.tsx'
import { startDownload } from './start-download.ts'

export function ModelsCatalogue({ models }: { readonly models: readonly Model[] }) {
  const place = useWorkMemory()
  return (
    <section className="card catalogue" aria-label="Catalogue">
      <div className="card-head">
        <Title order={2}>Catalogue</Title>
        <span className="muted">from the Hugging Face Hub</span>
      </div>
      <TokenNote />
      <div className="offer head" aria-hidden>
        <span>Model</span>
        <span>Parameters</span>
        <span>Download</span>
        <span>Needs here</span>
        <span />
        <span />
      </div>
      <ul>
        {catalogue.map((entry) => (
          <Offer key={entry.repository} entry={entry} models={models} place={place} />
        ))}
      </ul>
      <p className="muted fine">
        Download: two bytes a parameter (bfloat16), as these are published.{' '}
        {place && (
          <>
            Needs here: estimated for {place.name} in {place.precision}
            {place.memory === null ? '' : `, which has ${formatBytes(place.memory)}`}: the weights, and the
            cache of {ROWS} rows of {TOKENS.toLocaleString('en-US')} tokens; “fits” leaves{' '}
            {formatPercent(1 - SHARE)} for the rest.
          </>
        )}
      </p>
      <OtherModel />
    </section>
  )
}

/** Null until the devices have answered. */
export function useWorkMemory(): WorkMemory | null {
  const devices = useApp((state) => state.devices)
  const machineMemory = useApp((state) => state.host?.machine.memory)
  if (!devices || machineMemory === undefined || isProbing(devices)) return null
  return workMemory(devices, machineMemory)
}

interface OfferProps {
  readonly entry: CatalogueEntry
  readonly models: readonly Model[]
  readonly place: WorkMemory | null
}

function Offer({ entry, models, place }: OfferProps) {
  const { repository, name, instruct, licence, gated, architecture } = entry
  const job = useApp((state) => state.jobs?.find((one) => isComing(one) && catalogued(one) === repository))
  const here = models.find(
    ({ origin, state }) => origin.kind === 'hub' && origin.repository === repository && state === 'ready',
  )
  const judged = place && judge(architecture, place)
  const parameters = formatParameters(parametersOf(architecture))
  return (
    <li className="offer">
      <div className="what">
        <div className="title">
          <a href={`${HUB}/${repository}`} target="_blank" rel="noreferrer" className="cut">
            <strong>{name}</strong>
          </a>
          {instruct && <span className="tag">instruct</span>}
          {gated && <span className="tag gated">gated</span>}
        </div>
        <div className="muted fine cut">{licence}</div>
      </div>
      <span className="value">
        <span className="hidden">parameters </span>
        {parameters}
      </span>
      <span className="value">
        <span className="hidden">download </span>
        {formatBytes(downloadBytes(entry))}
      </span>
      <span className="value">
        <span className="hidden">needs here </span>
        {judged ? formatBytes(judged.need.total) : '…'}
      </span>
      <span className="state" data-state={judged?.fit}>
        {judged ? fitWords[judged.fit] : 'probing'}
      </span>
      {here ? (
        <Button component={Link} to={`/models/${here.id}`} aria-label={`Open ${name}`}>
          Open
        </Button>
      ) : (
        <Button
          disabled={job !== undefined}
          aria-label={`Download ${name}`}
          onClick={() => void startDownload(repository)}
        >
          Download
        </Button>
      )}
      {job && <JobInPlace job={job} />}
    </li>
  )
}

/** What gated models need, while no token is known. */
function TokenNote() {
  const { output: secrets } = useCall('secrets.list', undefined)
  if (!secrets || secrets.some(({ set }) => set)) return null
  return (
    <p className="note">
      Gated models are given to those who accept their licence: do that on the model’s page, make a token
      there, and enter it in the <Link to="/settings">settings</Link>. The others need none.
    </p>
  )
}

function OtherModel() {
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  async function start(event: React.SyntheticEvent) {
    event.preventDefault()
    // the address of its page will do
    const repository = text
      .trim()
      .replace(/^https?:\/\/[^/]+\//, '')
      .replace(/\/+$/, '')
    if (!repositoryPattern.test(repository))
      return setError('It is owner/name, as in the address of its page.')
    if (await startDownload(repository)) setText('')
  }
  return (
    <form className="other" onSubmit={(event) => void start(event)}>
      <Group align="flex-end" gap="xs">
        <TextInput
          className="grow"
          label="Any other LLaMA model"
          description="Its id on the Hub; the repository must hold safetensors."
          placeholder="owner/name"
          value={text}
          error={error}
          onChange={(event) => {
            setText(event.currentTarget.value)
            setError(undefined)
          }}
        />
        <Button type="submit" disabled={text.trim() === ''}>
          Download
        </Button>
      </Group>
    </form>
  )
}
