// Parts of a page that are loaded when they are first shown.
import { type ComponentType, lazy } from 'react'
import { patiently } from '../state/patient.ts'

/** Where the host is away just then, the part comes once it is back. */
export function lazyPart<P>(load: () => Promise<ComponentType<P>>) {
  return lazy(() => patiently(async () => ({ default: await load() })))
}
