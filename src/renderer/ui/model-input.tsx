// A model: one of the workspace's, chosen or typed by its id, or the folder of a checkpoint.
import { Autocomplete } from '@mantine/core'
import type { ReactNode } from 'react'
import { useStream } from '../state/use-stream.ts'

interface ModelInputProps {
  readonly label: string
  readonly description: string
  readonly error?: ReactNode
  readonly value: string
  onChange(model: string): void
}

export function ModelInput(props: ModelInputProps) {
  const { state: models } = useStream('models.watch', undefined)
  return (
    <Autocomplete {...props} placeholder="id, or /path/to/folder" data={models?.map(({ id }) => id) ?? []} />
  )
}
