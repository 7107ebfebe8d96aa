// The head of every page: its title (also the window's), one line about it, and what can be done.
import { Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

interface PageHeadProps {
  readonly title: string
  /** Behind the title: a sentence, or a state. */
  readonly note?: ReactNode
  /** Buttons at the end of the line. */
  readonly children?: ReactNode
}

export function PageHead({ title, note, children }: PageHeadProps) {
  useDocumentTitle(`${title} · Monoscope`)
  return (
    <div className="page-head">
      <Title order={1} title={title}>
        {title}
      </Title>
      {typeof note === 'string' ? <span className="muted note">{note}</span> : note}
      {children && <div className="end">{children}</div>}
    </div>
  )
}
