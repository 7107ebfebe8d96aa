// What can be done with a harvest: check it, or delete it after a question that says what that frees.
import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, useNavigate } from '@tanstack/react-router'
import type { Harvest } from '../../../shared/harvests.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { DeleteAnswers } from '../../ui/delete-answers.tsx'
import { corpusName } from './harvest-words.ts'

export function HarvestButtons({ harvest }: { readonly harvest: Harvest }) {
  const { id, state, done } = harvest
  const [asking, question] = useDisclosure(false)
  const verifying = useApp(
    ({ jobs }) =>
      jobs?.some((job) => job.kind === 'verify' && job.params.harvest === id && isActive(job.state)) ?? false,
  )
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
      <Modal opened={asking} onClose={question.close} title={`Delete the harvest of ${corpusName(harvest)}?`}>
        <DeleteQuestion harvest={harvest} onClose={question.close} />
      </Modal>
    </>
  )
}

function DeleteQuestion({ harvest, onClose }: { readonly harvest: Harvest; onClose(): void }) {
  const { id, bytes, done, resumable } = harvest
  const navigate = useNavigate()
  async function remove() {
    const removed = await act('harvests.remove', { id })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/activations', search: {} })
  }
  return (
    <>
      <p className="lead">
        Its {done ? 'rows and their index' : 'unfinished rows'} are deleted
        {resumable && !done ? ' with its job' : ''}, which frees {formatBytes(bytes)}. The corpus and the
        model stay. This cannot be undone.
      </p>
      <DeleteAnswers onKeep={onClose} onDelete={remove} />
    </>
  )
}
