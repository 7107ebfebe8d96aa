// The page of a stage this version cannot do yet: what it is for, and what can be done instead.
import { Button, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Stage } from '../../shared/stages.ts'

export function StagePage({ stage }: { readonly stage: Stage }) {
  return (
    <div className="page">
      <div className="page-head">
        <Title order={1}>{stage.title}</Title>
      </div>
      <div className="card empty">
        <strong>{stage.purpose}</strong>
        <p>This version cannot do that yet. What works today: jobs with live progress, on the Jobs page.</p>
        <Button component={Link} to="/jobs">
          Go to the jobs
        </Button>
      </div>
    </div>
  )
}
