// The question before anything is deleted for good, the same everywhere: what goes, and two answers.
import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { DeleteAnswers } from './delete-answers.tsx'

interface DeleteDialogProps {
  readonly title: string
  /** What the button that deletes says. */
  readonly verb?: string
  readonly opened: boolean
  /** What goes, what depends on it, and what stays. */
  readonly children: ReactNode
  onClose(): void
  onDelete(): Promise<void>
}

export function DeleteDialog({ title, verb, opened, children, onClose, onDelete }: DeleteDialogProps) {
  return (
    // the second click of a double one lands beside the dialog it has just opened
    <Modal opened={opened} onClose={onClose} title={title} closeOnClickOutside={false}>
      {children}
      <DeleteAnswers {...(verb !== undefined && { verb })} onKeep={onClose} onDelete={onDelete} />
    </Modal>
  )
}
