// The page for an address that names nothing.
import { Button, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'

export function NotFound() {
  return (
    <div className="empty">
      <Title order={1}>There is no such page</Title>
      <p>The address may be from another version.</p>
      <Button component={Link} to="/jobs">
        Go to the jobs
      </Button>
    </div>
  )
}
