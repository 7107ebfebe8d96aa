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
      <Button onClick={onKeep}>Cancel</Button>
      <Button
        variant="filled"
        color="red.9"
        // the second click of a double one was meant for what was pressed before
        onClick={(event) => event.detail < 2 && void onDelete()}
      >
        {verb}
      </Button>
    </Group>
  )
}
