// The two answers to a question whether something is to be deleted.
import { Button, Group } from '@mantine/core'

interface DeleteAnswersProps {
  /** What the button that deletes says. */
  readonly verb?: string
  onKeep(): void
  onDelete(): Promise<void>
}

export function DeleteAnswers({ verb = 'Delete', onKeep, onDelete }: DeleteAnswersProps) {
  return (
    <Group justify="flex-end" mt="md">
      <Button onClick={onKeep}>Keep it</Button>
      <Button variant="filled" color="red.9" onClick={() => void onDelete()}>
        {verb}
      </Button>
    </Group>
  )
}
