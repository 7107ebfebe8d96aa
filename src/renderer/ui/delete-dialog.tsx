// The question before anything is deleted for good, the same everywhere: what goes, and two answers.
import { Button, Group, Modal } from '@mantine/core'
import type { ReactNode } from 'react'

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

export function DeleteDialog({
  title,
  verb = 'Delete',
  opened,
  children,
  onClose,
  onDelete,
}: DeleteDialogProps) {
  return (
    // the second click of a double one lands beside the dialog it has just opened
    <Modal opened={opened} onClose={onClose} title={title} closeOnClickOutside={false}>
      {children}
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="filled"
          color="red.9"
          // or on this button, where it was meant for what was pressed before
          onClick={(event) => event.detail < 2 && void onDelete()}
        >
          {verb}
        </Button>
      </Group>
    </Modal>
  )
}
