// A folder on the host: typed, chosen in the system's dialog where there is one, or browsed for.
import { ActionIcon, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFolderOpen } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { act } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { FolderBrowser } from './folder-browser.tsx'

interface PathInputProps {
  readonly label: string
  readonly description: string
  readonly error?: ReactNode
  readonly value: string
  onChange(path: string): void
}

export function PathInput({ value, onChange, ...input }: PathInputProps) {
  const native = useApp((state) => state.host?.capabilities.nativeDialogs ?? false)
  const [browsing, browser] = useDisclosure(false)
  async function choose() {
    if (!native) return browser.open()
    const path = await act('host.pickFolder', { title: input.label })
    if (path) onChange(path)
  }
  return (
    <>
      <TextInput
        {...input}
        value={value}
        placeholder="/path/to/folder"
        onChange={(event) => onChange(event.currentTarget.value)}
        rightSection={
          <ActionIcon size="sm" aria-label="Choose a folder" onClick={() => void choose()}>
            <IconFolderOpen size={16} />
          </ActionIcon>
        }
      />
      <FolderBrowser
        opened={browsing}
        start={value || undefined}
        onClose={browser.close}
        onChoose={(path) => {
          onChange(path)
          browser.close()
        }}
      />
    </>
  )
}
