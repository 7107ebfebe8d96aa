// The page of what this version cannot do yet: what it is for, where it stands in the work, what can be done instead.
import { Button, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { stages } from '../../shared/stages.ts'
import { PageHead } from '../ui/page-head.tsx'

interface StagePageProps {
  readonly title: string
  readonly purpose: string
}

export function StagePage({ title, purpose }: StagePageProps) {
  return (
    <div className="page">
      <PageHead title={title} note={purpose} />
      <div className="card empty">
        <strong>This version cannot do that yet</strong>
        <p>What works today is long work with live progress: checksums of a folder, on the Jobs page.</p>
        <Button component={Link} to="/jobs">
          Go to the jobs
        </Button>
      </div>
      <section className="card">
        <Title order={2}>The way the data goes</Title>
        <ol className="way">
          {stages.map((stage) => (
            <li key={stage.id} data-here={stage.title === title || undefined}>
              <strong>{stage.title}</strong>
              <span className="muted">{stage.purpose}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  )
}
