// The dialog that copies an SAE out of the workspace, as a folder that SAELens reads.
import { Modal } from '@mantine/core'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { act } from '../../state/actions.ts'
import { ConfigForm } from '../../ui/config-form.tsx'
import { saeName } from '../../ui/sae-words.ts'

const schema = jobKinds.export.params.omit({ sae: true })

interface SaeExportProps {
  readonly sae: SaeEntry
  readonly opened: boolean
  onClose(): void
}

export function SaeExport({ sae, opened, onClose }: SaeExportProps) {
  async function start(params: Record<string, unknown>) {
    // its progress is shown on the page
    if (await act('jobs.start', { kind: 'export', params: { ...params, sae: sae.id } })) onClose()
  }
  return (
    <Modal.Stack>
      <Modal stackId="export" opened={opened} onClose={onClose} title={`Export ${saeName(sae)}`}>
        <p className="muted lead">
          cfg.json, weights, densities, figures and curves, for SAELens 6 and for another workspace.
          Checkpoints stay here.
        </p>
        <ConfigForm schema={schema} submitLabel="Export" onSubmit={start} onCancel={onClose} />
      </Modal>
    </Modal.Stack>
  )
}
