// What can be done with a harvest: check it, or delete it after a question that says what that frees.
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, useNavigate } from '@tanstack/react-router'
import type { Harvest } from '../../../shared/harvests.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { isTrainedOn, useIndexed } from '../../state/use-dependants.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { Dependants } from '../../ui/dependants.tsx'
import { saeName } from '../../ui/sae-words.ts'
import { corpusName } from './harvest-words.ts'

export function HarvestButtons({ harvest }: { readonly harvest: Harvest }) {
  const { id, state, done } = harvest
  const [asking, question] = useDisclosure(false)
  const navigate = useNavigate()
  const verifying = useApp(
    ({ jobs }) =>
      jobs?.some((job) => job.kind === 'verify' && job.params.harvest === id && isActive(job.state)) ?? false,
  )
  async function remove() {
    const removed = await act('harvests.remove', { id })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/activations', search: {} })
  }
  if (state === 'running' || state === 'waiting') return null
  return (
    <>
      {done && (
        <Button
          variant="filled"
          renderRoot={(props: Record<string, unknown>) => (
            <Link {...props} to="/sae" search={{ harvest: id }} />
          )}
        >
          Train an SAE…
        </Button>
      )}
      {done && (
        <Button
          loading={verifying}
          onClick={() => void act('jobs.start', { kind: 'verify', params: { harvest: id } })}
        >
          Verify
        </Button>
      )}
      <Button onClick={question.open}>Delete…</Button>
      <DeleteDialog
        title={`Delete the harvest of ${corpusName(harvest)}?`}
        opened={asking}
        onClose={question.close}
        onDelete={remove}
      >
        <DeleteQuestion harvest={harvest} />
      </DeleteDialog>
    </>
  )
}

function DeleteQuestion({ harvest }: { readonly harvest: Harvest }) {
  const { id, bytes, done, resumable } = harvest
  const indexed = useIndexed()
  const trained = indexed?.filter(({ sae }) => isTrainedOn(sae, harvest)) ?? []
  const shown = indexed?.filter(({ harvests }) => harvests.includes(id)) ?? []
  return (
    <>
      <p className="lead">
        Its {done ? 'rows and their index' : 'unfinished rows'} are deleted
        {resumable && !done ? ' with its job' : ''}, which frees {formatBytes(bytes)}. The corpus and the
        model stay. This cannot be undone.
      </p>
      {!indexed && <p className="muted">Looking for what depends on it…</p>}
      <Dependants names={trained.map(({ sae }) => saeName(sae))}>
        Trained on it; they stay, and need another harvest to be evaluated or indexed:
      </Dependants>
      <Dependants names={shown.map(({ sae }) => saeName(sae))}>
        Indexed on it; their features stay, without search in contexts:
      </Dependants>
      <p className="muted">Reports are copies and stay as they are.</p>
    </>
  )
}
