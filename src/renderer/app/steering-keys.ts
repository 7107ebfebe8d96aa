// The keys of the Steering page, written down once for the page and for the sheet of shortcuts.
import { isOperated, isTyping } from './keys.ts'
import { useKeys } from './use-keys.ts'

export const steeringKeys = {
  '← →': 'Weaker, stronger: nudge the slider under the thumb',
  'Page Up, Page Down': 'The same by a leap',
  '0': 'Strength 0',
  Enter: 'Generate anew (Shift+Enter is a new line of the prompt)',
  Escape: 'Stop',
  f: 'Steer by another feature',
  c: 'Colour the tokens by something else',
  h: 'History of completions',
} as const

export interface SteeringActions {
  /** −1 or 1. */
  nudge(direction: number): void
  zero(): void
  generate(): void
  stop(): void
  add(): void
  color(): void
  history(): void
  undo(): void
  redo(): void
  save(): void
}

/** Calls what keys are for; those that belong to fields, buttons, dialogs or sequences such as "g s" are left alone. */
export function useSteeringKeys(actions: SteeringActions): void {
  useKeys((event) => actionOf(event, actions))
}

function actionOf(event: KeyboardEvent, actions: SteeringActions): (() => void) | undefined {
  const { key, target, shiftKey } = event
  const typing = isTyping(target)
  if (event.ctrlKey || event.metaKey) {
    if (key === 's') return () => actions.save()
    // a field takes its own changes back
    if (!typing && key.toLowerCase() === 'z') return shiftKey ? () => actions.redo() : () => actions.undo()
    if (!typing && key === 'y') return () => actions.redo()
    return key === 'Enter' ? () => actions.generate() : undefined
  }
  if (key === 'Escape') return () => actions.stop()
  if (typing) return undefined
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowRight':
      return movesNothing(target) ? () => actions.nudge(key === 'ArrowLeft' ? -1 : 1) : undefined
    case '0':
      return () => actions.zero()
    case 'Enter':
      return isOperated(target) ? undefined : () => actions.generate()
    case 'f':
      return () => actions.add()
    case 'c':
      return () => actions.color()
    case 'h':
      return () => actions.history()
    default:
      return undefined
  }
}

/** The page itself, and what has just been clicked; whatever moves or scrolls by itself keeps its arrows. */
function movesNothing(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('body, #main, button, a, summary')
}
