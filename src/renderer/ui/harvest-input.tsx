// A harvest: one of the workspace's, chosen or typed by its id, or the path of a folder.
import { Autocomplete } from '@mantine/core'
import type { ReactNode } from 'react'
import { useStream } from '../state/use-stream.ts'

interface HarvestInputProps {
  readonly label: string
  readonly description: string
  readonly error?: ReactNode
  readonly value: string
  onChange(harvest: string): void
}

export function HarvestInput(props: HarvestInputProps) {
  const { state: harvests } = useStream('harvests.watch', undefined)
  const ready = harvests?.filter(({ state }) => state === 'ready') ?? []
  return <Autocomplete {...props} placeholder="id, or /path/to/folder" data={ready.map(({ id }) => id)} />
}
