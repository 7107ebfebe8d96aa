// In place of a page about something that is not there, or not any more.
import { Button, Title } from '@mantine/core'
import { Link, type LinkProps } from '@tanstack/react-router'

interface GoneProps {
  /** "There is no such model". */
  readonly title: string
  readonly note?: string
  readonly to: LinkProps['to']
  /** What the button that leads there says. */
  readonly go: string
}

export function Gone({ title, note = 'It may have been deleted.', to, go }: GoneProps) {
  return (
    <div className="page">
      <div className="card empty">
        <Title order={1}>{title}</Title>
        <p>{note}</p>
        <Button component={Link} to={to}>
          {go}
        </Button>
      </div>
    </div>
  )
}
