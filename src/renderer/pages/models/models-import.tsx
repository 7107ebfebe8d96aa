// The dialog that imports a model of this machine: which one, by copy or by link, and under which name.
import { Modal } from '@mantine/core'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { act } from '../../state/actions.ts'
import { ConfigForm } from '../../ui/config-form.tsx'

/** What it is, is found out. */
const schema = jobKinds.import.params.omit({ as: true })

interface ModelsImportProps {
  /** Null while it is closed. */
  readonly beginning: { readonly path: string; readonly blind: boolean } | null
  onClose(): void
}

export function ModelsImport({ beginning, onClose }: ModelsImportProps) {
  async function start(params: Record<string, unknown>) {
    // its progress is shown on the page
    if (await act('jobs.start', { kind: 'import', params })) onClose()
  }
  return (
    <Modal.Stack>
      <Modal stackId="import" opened={beginning !== null} onClose={onClose} title="Import a model">
        {beginning?.blind && (
          <p className="lead" role="status">
            A browser does not tell where a dropped file lies. Choose it here: the folders shown are those of
            the machine Monoscope runs on.
          </p>
        )}
        <p className="muted lead">
          Its files are checked first, and copied into the workspace unless they are to stay where they are. A
          GGUF file is always converted; it is only read itself.
        </p>
        <ConfigForm
          schema={schema}
          submitLabel="Import"
          initial={beginning?.path ? { path: beginning.path } : {}}
          onSubmit={start}
          onCancel={onClose}
        />
      </Modal>
    </Modal.Stack>
  )
}
