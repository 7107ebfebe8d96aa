// Looks through the host's folders to choose one, where no native dialog can.
import { Button, Group, Modal, NavLink, ScrollArea, Text } from '@mantine/core'
import { IconArrowUp, IconFile, IconFolder } from '@tabler/icons-react'
import { useState } from 'react'
import { formatBytes } from '../../shared/units.ts'
import { useCall } from '../state/use-call.ts'

interface FolderBrowserProps {
  readonly opened: boolean
  readonly start: string | undefined
  onClose(): void
  onChoose(path: string): void
}

export function FolderBrowser({ opened, ...browser }: FolderBrowserProps) {
  return (
    <Modal opened={opened} onClose={browser.onClose} stackId="folders" title="Choose a folder" size="lg">
      <Folders {...browser} />
    </Modal>
  )
}

/** Mounted anew each time it is opened, so that it begins where the field says. */
function Folders({ start, onClose, onChoose }: Omit<FolderBrowserProps, 'opened'>) {
  const [path, setPath] = useState(start)
  const { output: listing, error } = useCall('files.list', { path })
  return (
    <>
      <Text className="mono wrap" mb="xs">
        {listing?.path ?? '…'}
      </Text>
      {error && (
        <Text c="var(--bad)" role="alert" mb="xs">
          {error.message} {error.hint}
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
        <Button variant="filled" disabled={!listing} onClick={() => listing && onChoose(listing.path)}>
          Choose this folder
        </Button>
      </Group>
    </>
  )
}
