// A folder or file on the host: typed, chosen in the system's dialog where there is one for it, or browsed for.
import { ActionIcon, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFolderOpen } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { act } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { FolderBrowser, type PathKind, pathWords } from './folder-browser.tsx'

interface PathInputProps {
  readonly label: string
  readonly description: string
  readonly kind: PathKind
  /** With which a file's name must end. */
  readonly extension?: string
  readonly error?: ReactNode
  readonly value: string
  onChange(path: string): void
}

export function PathInput({ value, kind, extension, onChange, ...input }: PathInputProps) {
  // the system's dialog is for folders
  const native = useApp((state) => state.host?.capabilities.nativeDialogs ?? false) && kind === 'folder'
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
        placeholder={kind === 'folder' ? '/path/to/folder' : `/path/to/file${extension ?? ''}`}
        onChange={(event) => onChange(event.currentTarget.value)}
        rightSection={
          <ActionIcon size="sm" aria-label={`Choose ${pathWords[kind]}`} onClick={() => void choose()}>
            <IconFolderOpen size={16} />
          </ActionIcon>
        }
      />
      <FolderBrowser
        opened={browsing}
        kind={kind}
        {...(extension !== undefined && { extension })}
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
