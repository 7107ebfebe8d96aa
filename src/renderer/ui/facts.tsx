// A list of named values; those worth passing on can be copied, files can be shown where they lie.
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconCopy, IconFolderOpen } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { act, copy } from '../state/actions.ts'
import { useApp } from '../state/app.ts'

export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="facts">{children}</dl>
}

interface FactProps {
  readonly name: string
  readonly value: string
  /** Shown in the fixed-width font with a button that copies it. */
  readonly exact?: boolean
  /** A file or folder of the host, which its file manager can show. */
  readonly path?: string
}

export function Fact({ name, value, exact = false, path }: FactProps) {
  const canReveal = useApp((state) => state.host?.capabilities.reveal ?? false)
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <span className={exact ? 'mono' : undefined}>{value}</span>
        {exact && (
          <Act label={`Copy ${name}`} onClick={() => void copy(path ?? value, capitalised(name))}>
            <IconCopy size={14} />
          </Act>
        )}
        {path !== undefined && canReveal && (
          <Act label={`Show ${name} in its folder`} onClick={() => void act('host.reveal', { path })}>
            <IconFolderOpen size={14} />
          </Act>
        )}
      </dd>
    </>
  )
}

interface ActProps {
  readonly label: string
  readonly children: ReactNode
  onClick(): void
}

function Act({ label, children, onClick }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
