// The dialog that imports an SAE of this machine: which folder, and under which name.
import { Modal } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { z } from 'zod'
import { field } from '../../../shared/config.ts'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { act } from '../../state/actions.ts'
import { ConfigForm } from '../../ui/config-form.tsx'

const schema = z.object({
  path: field(z.string().min(1), {
    label: 'Folder',
    help: 'It holds the weights as safetensors, and cfg.json or hyperparams.json.',
    input: 'folder',
  }),
  name: jobKinds.import.params.shape.name,
})

interface SaeImportProps {
  readonly opened: boolean
  onClose(): void
}

export function SaeImport({ opened, onClose }: SaeImportProps) {
  const navigate = useNavigate()
  async function start(params: Record<string, unknown>) {
    const job = await act('jobs.start', { kind: 'import', params: { ...params, as: 'sae' } })
    if (!job) return
    onClose()
    // the SAE has the job's id
    await navigate({ to: '/sae/$id', params: { id: job.id } })
  }
  return (
    <Modal.Stack>
      <Modal stackId="import" opened={opened} onClose={onClose} title="Import an SAE">
        <p className="muted lead">
          A folder of SAELens (6 or before), sparsify or Llama Scope, or one that was exported here. It is
          copied into the workspace; pickles (.pt, .bin) are refused, because loading one can run any program.
        </p>
        <ConfigForm schema={schema} submitLabel="Import" onSubmit={start} onCancel={onClose} />
      </Modal>
    </Modal.Stack>
  )
}
