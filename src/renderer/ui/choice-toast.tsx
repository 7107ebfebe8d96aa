// What a toast says that leaves a choice: what was done, and a button for something else.
import { Button } from '@mantine/core'

interface ChoiceToastProps {
  readonly message: string
  readonly label: string
  onChoose(): void
}

export function ChoiceToast({ message, label, onChoose }: ChoiceToastProps) {
  return (
    <>
      <div>{message}</div>
      <div className="error-foot">
        <Button size="compact-xs" onClick={onChoose}>
          {label}
        </Button>
      </div>
    </>
  )
}
