// The line above every page while the demo runs, and after it until that was read: how far it is, and the way out.
import { ActionIcon, Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type Demo, demoPlace, demoProgress, demoSeconds, demoStep, demoSteps } from '../../shared/demo.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { act } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { useCall } from '../state/use-call.ts'
import { bytesOf, DemoDelete } from '../ui/demo-delete.tsx'
import { demoLeftWords, demoStepWords } from '../ui/demo-words.ts'

export function DemoBanner() {
  const demo = useApp((state) => state.demo)
  if (!demo || demo.dismissed || demo.state === 'none' || demo.state === 'unwanted') return null
  return (
    <section className="above demo" aria-label="Demo" data-state={demo.state}>
      {demo.state === 'running' && <Running demo={demo} />}
      {demo.state === 'stopped' && <Stopped demo={demo} />}
      {demo.state === 'skipped' && <Skipped demo={demo} />}
      {demo.state === 'done' && <Done demo={demo} />}
    </section>
  )
}

function Running({ demo }: { readonly demo: Demo }) {
  const job = useApp(({ jobs }) => jobs?.find(({ id }) => id === demo.job))
  const { fraction, secondsLeft } = demoProgress(demo, job)
  const waits = job?.state === 'queued'
  return (
    <>
      <b>Demo</b>
      {/* said once a step; the time beside it changes too often to be read out */}
      <span role="status" className="cut">
        {demoStepWords(demo)}
        {waits && ', waiting for its turn'}
      </span>
      <span className="demo-bar" aria-hidden>
        <i style={{ width: `${fraction * 100}%` }} />
      </span>
      <span className="muted value">{demoLeftWords(secondsLeft)}</span>
      <span className="end">
        <Button size="compact-xs" component={Link} to={demoPlace(demo)}>
          Watch it
        </Button>
        <Button size="compact-xs" onClick={() => void act('demo.skip', undefined)}>
          Skip
        </Button>
      </span>
    </>
  )
}

function Stopped({ demo }: { readonly demo: Demo }) {
  const { number } = demoStep(demo)
  const { message, hint } = demo.error ?? {}
  return (
    <>
      <b>Demo</b>
      <span role="alert" className="cut" title={[message, hint].join(' ')}>
        It stands still at step {number} of {demoSteps.length}. {message} {hint}
      </span>
      <span className="end">
        <Button size="compact-xs" component={Link} to={demo.job === null ? '/jobs' : `/jobs/${demo.job}`}>
          See why
        </Button>
        <Button size="compact-xs" variant="filled" onClick={() => void act('demo.start', undefined)}>
          Try again
        </Button>
        <Button size="compact-xs" onClick={() => void act('demo.skip', undefined)}>
          Skip
        </Button>
      </span>
    </>
  )
}

function Skipped({ demo }: { readonly demo: Demo }) {
  const [asking, question] = useDisclosure(false)
  // again when its job has come to rest
  const at = useApp(({ jobs }) => jobs?.find(({ id }) => id === demo.job)?.state)
  const { output: pieces = [] } = useCall('demo.made', undefined, true, at)
  return (
    <>
      <b>Demo</b>
      <span role="status" className="cut">
        Skipped.
        {pieces.length > 0 && ` What it has made is kept (${formatBytes(bytesOf(pieces))}).`} It does not
        begin again by itself; Settings can run it.
      </span>
      <span className="end">
        {pieces.length > 0 && (
          <Button size="compact-xs" onClick={question.open}>
            Delete it…
          </Button>
        )}
        <Dismiss />
      </span>
      <DemoDelete pieces={pieces} opened={asking} onClose={question.close} />
    </>
  )
}

function Done({ demo }: { readonly demo: Demo }) {
  return (
    <>
      <b>Demo</b>
      <span role="status" className="cut">
        Done in {formatSeconds(demoSeconds(demo))}: a model, a harvest, an SAE with its features, a steered
        text{demo.made.report === undefined ? '' : ' and a report'} are here.
      </span>
      <span className="end">
        {demo.made.report !== undefined && (
          <Button size="compact-xs" component={Link} to={demoSteps.at(-1)!.page}>
            See the report
          </Button>
        )}
        <Dismiss />
      </span>
    </>
  )
}

function Dismiss() {
  return (
    <ActionIcon
      size="sm"
      aria-label="Put the demo’s line away"
      onClick={() => void act('demo.dismiss', undefined)}
    >
      <IconX size={14} />
    </ActionIcon>
  )
}
