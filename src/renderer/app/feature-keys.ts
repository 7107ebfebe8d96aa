// The keys of the Features pages, written down once for those pages and for the sheet of shortcuts.
import { useEffect, useRef } from 'react'
import { isTyping } from './keys.ts'

export const featureKeys = {
  j: 'Next feature',
  k: 'Feature before',
  Enter: 'Open the feature’s page',
  '/': 'Search features',
  s: 'Steer by the feature',
  l: 'Label it',
  x: 'Star it',
} as const
type FeatureKey = keyof typeof featureKeys

/** Calls what a key is for; keys that belong to fields, buttons, dialogs or sequences such as "g s" are left alone. */
export function useFeatureKeys(actions: Readonly<Partial<Record<FeatureKey, () => void>>>): void {
  const current = useRef(actions)
  useEffect(() => {
    current.current = actions
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target) || document.querySelector('[role="dialog"]')) return
      const action = current.current[event.key as FeatureKey]
      if (!action || (event.key === 'Enter' && isOperated(event.target))) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/** What does something of its own on Enter. */
function isOperated(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, summary, [role="option"]') !== null
}
