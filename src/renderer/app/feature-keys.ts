// The keys of the Features pages, written down once for those pages and for the sheet of shortcuts.
import { isOperated, isTyping } from './keys.ts'
import { useKeys } from './use-keys.ts'

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
  useKeys(({ key, target, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey || isTyping(target) || (key === 'Enter' && isOperated(target))) return undefined
    return actions[key as FeatureKey]
  })
}
