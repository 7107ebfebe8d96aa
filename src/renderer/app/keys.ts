// The keyboard: what the modifier key is called here, and two-key sequences such as "g j".

export const modKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'

/** Milliseconds within which the second key must follow. */
const PATIENCE = 1_200

/**
 * Returns a handler of key-downs that calls `onSequence` with the key typed after `leader`; modifiers and typing in
 * a field are left alone.
 */
export function sequenceHandler(
  leader: string,
  onSequence: (key: string) => boolean,
  now: () => number = () => performance.now(),
): (
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'preventDefault'>,
) => void {
  let ledAt = Number.NEGATIVE_INFINITY
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (now() - ledAt < PATIENCE) {
      ledAt = Number.NEGATIVE_INFINITY
      if (onSequence(event.key)) event.preventDefault()
    } else if (event.key === leader) {
      ledAt = now()
    }
  }
}

/** True while the keys belong to a field; boxes that are ticked and sliders take no letters. */
export function isTyping(target: EventTarget | null): boolean {
  const { tagName, type, isContentEditable } = (target ?? {}) as {
    tagName?: string
    type?: string
    isContentEditable?: boolean
  }
  if (tagName === 'INPUT') return !['radio', 'checkbox', 'range'].includes(type ?? '')
  return isContentEditable === true || tagName === 'TEXTAREA' || tagName === 'SELECT'
}

/** What does something of its own on Enter. */
export function isOperated(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, summary, [role="option"]') !== null
}

/** Something stands before the page, and has the keys. */
export function dialogIsOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null
}
