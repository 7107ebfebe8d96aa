// Looks through the host's folders to choose one, or a file in one, where no native dialog can.
import { Button, Group, Modal, NavLink, ScrollArea, Text } from '@mantine/core'
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react'
import { useState } from 'react'
import { formatBytes } from '../../shared/units.ts'
import { useCall } from '../state/use-call.ts'
import { ErrorCode } from './error-code.tsx'

/** What is to be chosen; a `path` is either. */
export type PathKind = 'folder' | 'file' | 'path'

export const pathWords: Readonly<Record<PathKind, string>> = {
  folder: 'a folder',
  file: 'a file',
  path: 'a folder or a file',
}

interface FolderBrowserProps {
  readonly opened: boolean
  readonly kind: PathKind
  /** With which a file's name must end. */
  readonly extension?: string
  readonly start: string | undefined
  onClose(): void
  onChoose(path: string): void
}

export function FolderBrowser({ opened, ...browser }: FolderBrowserProps) {
  return (
    <Modal
      opened={opened}
      onClose={browser.onClose}
      stackId="folders"
      title={`Choose ${pathWords[browser.kind]}`}
      size="lg"
    >
      <Folders {...browser} />
    </Modal>
  )
}

/** Mounted anew each time it is opened, so that it begins where the field says. */
function Folders({ kind, extension = '', start, onClose, onChoose }: Omit<FolderBrowserProps, 'opened'>) {
  const [path, setPath] = useState(start)
  const [file, setFile] = useState<string>()
  const { output: listing, error } = useCall('files.list', { path })
  const mayChoose = (name: string) => kind !== 'folder' && name.toLowerCase().endsWith(extension)
  function go(to: string | undefined) {
    setFile(undefined)
    setPath(to)
  }
  return (
    <>
      <Text className="mono wrap" mb="xs">
        {listing?.path ?? '…'}
      </Text>
      {error && (
        <Text c="var(--bad)" role="alert" mb="xs">
          {error.message} {error.hint} <ErrorCode code={error.code} />
        </Text>
      )}
      <ScrollArea
        h={320}
        viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Contents of the folder' }}
      >
        {listing?.parent != null && (
          <NavLink
            component="button"
            label="Up"
            leftSection={<IconArrowUp size={16} />}
            onClick={() => go(listing.parent ?? undefined)}
          />
        )}
        {listing?.entries.map((entry) =>
          entry.folder || mayChoose(entry.name) ? (
            <NavLink
              key={entry.path}
              component="button"
              label={entry.name}
              active={entry.path === file}
              aria-pressed={entry.folder ? undefined : entry.path === file}
              leftSection={entry.folder ? <IconFolder size={16} /> : <IconFile size={16} />}
              rightSection={entry.folder ? undefined : formatBytes(entry.bytes)}
              onClick={() => (entry.folder ? go(entry.path) : setFile(entry.path))}
            />
          ) : (
            <Group key={entry.path} gap="xs" px="sm" py={4} className="muted" wrap="nowrap">
              <IconFile size={16} />
              <span className="cut grow">{entry.name}</span>
              <span>{formatBytes(entry.bytes)}</span>
            </Group>
          ),
        )}
        {listing?.truncated && <Text className="muted">Only the first 2,000 entries are shown.</Text>}
        {listing?.entries.length === 0 && <Text className="muted">This folder is empty.</Text>}
      </ScrollArea>
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="filled"
          disabled={!listing || (kind === 'file' && file === undefined)}
          onClick={() => listing && onChoose(file ?? listing.path)}
        >
          {file !== undefined || kind === 'file' ? 'Choose this file' : 'Choose this folder'}
        </Button>
      </Group>
    </>
  )
}
