// The tour after the demo: a popover at the control that each of its four steps is about, or a line above the page that
// leads to it; Escape ends it.
import { Button, Popover, Title } from '@mantine/core'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { act } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { dialogIsOpen, isTyping } from './keys.ts'
import { tourAfter, type TourStep, tourSteps } from './tour-steps.ts'

export function Tour() {
  const wanted = useApp(({ demo }) => demo?.state === 'done' && demo.tour)
  return wanted ? <Steps /> : null
}

function end(): void {
  void act('demo.endTour', undefined)
}

function Steps() {
  const [reached, setReached] = useState(0)
  const { pathname: path, search } = useLocation()
  const place = { path, search }
  // whoever has gone on by another way is met there
  const at = tourAfter(reached, place)
  if (at !== reached) setReached(at)
  const step = tourSteps[at]!
  const here = step.isHere(place)
  const target = useTarget(step, here)
  const navigate = useNavigate()
  useEscape(!here || target !== null)
  const words = { number: at + 1, title: step.title }
  if (!here) {
    return (
      <section className="above tour-line" aria-label={regionName(at + 1)}>
        {target && <div className="tour-ring" style={target.rect} />}
        <Note {...words} text={step.lead} action="Go there" onGoOn={() => void navigate({ to: step.page })} />
      </section>
    )
  }
  if (!target) return null
  const { element, rect, anchor } = target
  const go = () => {
    if (anchor.goTo) return void navigate(anchor.goTo)
    if (!anchor.ends) return element.click()
    if (at === tourSteps.length - 1) return end()
    setReached(at + 1)
  }
  return (
    <Popover
      opened
      withArrow
      // no dialog: the keys of the page go on working
      withRoles={false}
      trapFocus={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      position="bottom-start"
      width={290}
      shadow="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <div className="tour-ring" style={rect} />
      </Popover.Target>
      <Popover.Dropdown className="tour">
        <section aria-label={regionName(at + 1)}>
          <Note {...words} text={anchor.text} action={anchor.action} onGoOn={go} />
        </section>
      </Popover.Dropdown>
    </Popover>
  )
}

function regionName(number: number): string {
  return `Tour, step ${number} of ${tourSteps.length}`
}

interface NoteProps {
  readonly number: number
  readonly title: string
  readonly text: string
  readonly action: string
  onGoOn(): void
}

function Note({ number, title, text, action, onGoOn }: NoteProps) {
  return (
    <>
      <div className="tour-words" aria-live="polite">
        <span className="muted fine">{regionName(number)}</span>
        <Title order={2}>{title}</Title>
        <p>{text}</p>
      </div>
      <div className="tour-buttons">
        <Button size="compact-sm" onClick={end}>
          {number === tourSteps.length ? 'Close' : 'Skip the tour'}
        </Button>
        <GoOn key={`${number} ${action}`} action={action} onClick={onGoOn} />
      </div>
    </>
  )
}

/** Has the focus when it comes, so that Enter goes on; not while somebody types. */
function GoOn({ action, onClick }: { readonly action: string; onClick(): void }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!isTyping(document.activeElement)) button.current?.focus({ preventScroll: true })
  }, [])
  return (
    <Button ref={button} size="compact-sm" variant="filled" onClick={onClick}>
      {action}
    </Button>
  )
}

/** What is ringed. */
interface Target {
  readonly element: HTMLElement
  readonly rect: Pick<DOMRect, 'left' | 'top' | 'width' | 'height'>
  readonly anchor: TourStep['anchors'][number]
}

/** Milliseconds from one look at the page to the next. */
const LOOK = 200

/** Follows it while the page moves; null while it is not there, or something stands before it. */
function useTarget(step: TourStep, here: boolean): Target | null {
  const [target, setTarget] = useState<Target | null>(null)
  useEffect(() => {
    let shown: HTMLElement | null = null
    const look = () => {
      const found = dialogIsOpen() ? null : find(step, here)
      if (found && found.element !== shown) found.element.scrollIntoView({ block: 'nearest' })
      shown = found?.element ?? null
      setTarget((before) => (isSame(before, found) ? before : found))
    }
    look()
    const timer = setInterval(look, LOOK)
    window.addEventListener('scroll', look, true)
    window.addEventListener('resize', look)
    return () => {
      clearInterval(timer)
      window.removeEventListener('scroll', look, true)
      window.removeEventListener('resize', look)
    }
  }, [step, here])
  return target
}

function find(step: TourStep, here: boolean): Target | null {
  const anchors = here
    ? step.anchors
    : [
        {
          selector: `.rail a[href$="#${step.page}"]`,
          text: step.lead,
          action: 'Go there',
        },
      ]
  for (const anchor of anchors) {
    const element = document.querySelector<HTMLElement>(anchor.selector)
    const rect = element?.getBoundingClientRect()
    if (!element || !rect || rect.width === 0) continue
    const { left, top, width, height } = rect
    return { element, anchor, rect: { left, top, width, height } }
  }
  return null
}

function isSame(a: Target | null, b: Target | null): boolean {
  if (a === null || b === null) return a === b
  const same = (side: keyof Target['rect']) => a.rect[side] === b.rect[side]
  return (
    a.element === b.element &&
    a.anchor.text === b.anchor.text &&
    (['left', 'top', 'width', 'height'] as const).every(same)
  )
}

/** Escape ends it, unless it is meant for a field or for what stands before the page. */
function useEscape(active: boolean): void {
  useEffect(() => {
    if (!active) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isTyping(event.target) || dialogIsOpen()) return
      event.preventDefault()
      event.stopPropagation()
      end()
    }
    // before the page's own
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [active])
}
