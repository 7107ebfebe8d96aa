// What can be done with an SAE: evaluate, export and delete it.
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { isActive } from '../../../shared/jobs/state.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { useStream } from '../../state/use-stream.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { Dependants } from '../../ui/dependants.tsx'
import { saeName } from '../../ui/sae-words.ts'
import { ReportButton } from '../../ui/report-button.tsx'
import { SaeExport } from './sae-export.tsx'

export function SaeButtons({ sae }: { readonly sae: SaeEntry }) {
  const { id, state, done, bytes, sweep } = sae
  const [asking, question] = useDisclosure(false)
  const [exporting, dialog] = useDisclosure(false)
  const navigate = useNavigate()
  const evaluating = useApp(
    ({ jobs }) =>
      jobs?.some((job) => job.kind === 'evaluate' && job.params.sae === id && isActive(job.state)) ?? false,
  )
  async function remove() {
    const removed = await act('saes.remove', { id })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/sae', search: {} })
  }
  if (state === 'training' || state === 'importing') return null
  return (
    <>
      {done && (
        <>
          <Button onClick={() => void navigate({ to: '/features', search: { sae: id } })}>Features</Button>
          <Button
            loading={evaluating}
            onClick={() => void act('jobs.start', { kind: 'evaluate', params: { sae: id } })}
          >
            Evaluate
          </Button>
          <ReportButton section={{ kind: 'training', sae: id }} />
          <Button onClick={dialog.open}>Export…</Button>
          <SaeExport sae={sae} opened={exporting} onClose={dialog.close} />
        </>
      )}
      <Button onClick={question.open}>Delete…</Button>
      <DeleteDialog
        title={`Delete ${saeName(sae)}?`}
        opened={asking}
        onClose={question.close}
        onDelete={remove}
      >
        <p className="lead">
          Its weights, checkpoints and curves are deleted, which frees {formatBytes(bytes)}. The harvest
          stays. {!done && sweep && 'Those beside it that are not finished go with it. '}This cannot be
          undone.
        </p>
        <SaeDependants id={id} />
      </DeleteDialog>
    </>
  )
}

function SaeDependants({ id }: { readonly id: string }) {
  const { output: indexes = [] } = useCall('features.indexes', { sae: id })
  const { state: sessions } = useStream('steering.watchSessions', undefined)
  return (
    <>
      <Dependants names={indexes.map(({ harvest }) => `index on harvest ${harvest}`)}>
        Deleted with it, as are labels, stars and notes of its features:
      </Dependants>
      <Dependants names={sessions?.filter(({ sae }) => sae === id).map(({ name }) => name) ?? []}>
        Steering sessions that need it; they stay, and cannot be run again:
      </Dependants>
      <p className="muted">Reports are copies and stay as they are.</p>
    </>
  )
}
