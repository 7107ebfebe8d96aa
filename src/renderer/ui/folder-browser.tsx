// Looks through the host's folders to choose one, where no native dialog can.
import { Button, Group, Modal, NavLink, ScrollArea, Text } from '@mantine/core'
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { OutputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { toErrorData } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'
import { link } from '../state/app.ts'

type Listing = OutputOf<AppContract['files.list']>

interface FolderBrowserProps {
  readonly start: string | undefined
  onClose(): void
  onChoose(path: string): void
}

export function FolderBrowser({ start, onClose, onChoose }: FolderBrowserProps) {
  const [path, setPath] = useState(start)
  const [listing, setListing] = useState<Listing | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    const abort = new AbortController()
    link.call('files.list', { path }, { signal: abort.signal }).then(
      (found) => {
        setListing(found)
        setProblem('')
      },
      (error: unknown) => {
        const { kind, message } = toErrorData(error)
        if (kind !== 'cancelled') setProblem(message)
      },
    )
    return () => abort.abort()
  }, [path])
  return (
    <Modal opened onClose={onClose} title="Choose a folder" size="lg">
      <Text className="mono" mb="xs" style={{ overflowWrap: 'anywhere' }}>
        {listing?.path ?? '…'}
      </Text>
      {problem && (
        <Text c="red" role="alert" mb="xs">
          {problem}
        </Text>
      )}
      <ScrollArea h={320} viewportProps={{ tabIndex: 0, 'aria-label': 'Contents of the folder' }}>
        {listing?.parent != null && (
          <NavLink
            component="button"
            label="Up"
            leftSection={<IconArrowUp size={16} />}
            onClick={() => setPath(listing.parent ?? undefined)}
          />
        )}
        {listing?.entries.map((entry) =>
          entry.folder ? (
            <NavLink
              key={entry.path}
              component="button"
              label={entry.name}
              leftSection={<IconFolder size={16} />}
              onClick={() => setPath(entry.path)}
            />
          ) : (
            <Group key={entry.path} gap="xs" px="sm" py={4} className="muted" wrap="nowrap">
              <IconFile size={16} />
              <span style={{ flex: 1, overflow: 'hidden', textOverflow: 'ellipsis' }}>{entry.name}</span>
              <span>{formatBytes(entry.bytes)}</span>
            </Group>
          ),
        )}
        {listing?.truncated && <Text className="muted">Only the first 2,000 entries are shown.</Text>}
        {listing?.entries.length === 0 && <Text className="muted">This folder is empty.</Text>}
      </ScrollArea>
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" disabled={!listing} onClick={() => listing && onChoose(listing.path)}>
          Choose this folder
        </Button>
      </Group>
    </Modal>
  )
}
