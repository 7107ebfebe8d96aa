// The demo on the Settings page: run it, go on with it, skip it, and delete what it has made.
import { Button, Group, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { formatBytes } from '../../../shared/units.ts'
import { act } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { bytesOf, DemoDelete } from '../../ui/demo-delete.tsx'
import { demoStartWords, demoStateWords } from '../../ui/demo-words.ts'

export function DemoCard() {
  const demo = useApp((state) => state.demo)
  const job = useApp(({ jobs }) => jobs?.find(({ id }) => id === demo?.job)?.state)
  const [asking, question] = useDisclosure(false)
  const stamp = `${demo?.state} ${demo?.finished.length} ${job}`
  const { output: pieces = [] } = useCall('demo.made', undefined, true, stamp)
  if (!demo) return null
  const running = demo.state === 'running'
  return (
    <section className="card" aria-label="Demo">
      <Title order={2}>Demo</Title>
      <p className="lead wrap">
        {demoStateWords(demo)}
        {pieces.length > 0 && !running && ` What it has made takes ${formatBytes(bytesOf(pieces))}.`}
      </p>
      <Group gap="xs">
        {running ? (
          <Button onClick={() => void act('demo.skip', undefined)}>Skip the demo</Button>
        ) : (
          <Button onClick={() => void act('demo.start', undefined)}>{demoStartWords(demo)}</Button>
        )}
        {pieces.length > 0 && !running && <Button onClick={question.open}>Delete what it has made…</Button>}
      </Group>
      <DemoDelete pieces={pieces} opened={asking} onClose={question.close} />
    </section>
  )
}
