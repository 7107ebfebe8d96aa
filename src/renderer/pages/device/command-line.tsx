// A command to type in a terminal, with a button that copies it.
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCopy } from '@tabler/icons-react'
import { copy } from '../../state/actions.ts'

export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className="command">
      <code className="mono wrap">{command}</code>
      <Tooltip label="Copy the command">
        <ActionIcon size="sm" aria-label={`Copy ${command}`} onClick={() => void copy(command, 'Command')}>
          <IconCopy size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
