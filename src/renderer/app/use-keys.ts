// The keys of a page: heard wherever the focus is, and left to dialogs and to whoever has taken them before.
import { useEffect, useEffectEvent } from 'react'
import { dialogIsOpen } from './keys.ts'

/** Does what `actionOf` says a key is for; undefined leaves it alone. */
export function useKeys(actionOf: (event: KeyboardEvent) => (() => void) | undefined): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || dialogIsOpen()) return
    const action = actionOf(event)
    if (!action) return
    event.preventDefault()
    action()
  })
  useEffect(() => {
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
