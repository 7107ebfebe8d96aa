// The corpora that were looked at in this browser, the last first.
import { useLocalStorage } from '@mantine/hooks'
import { useCallback } from 'react'

const MOST = 8

/** Their paths, and how one is added. */
export function useLookedAt(): [readonly string[], (path: string) => void] {
  const [paths, set] = useLocalStorage<readonly string[]>({
    key: 'monoscope-corpora',
    defaultValue: [],
    getInitialValueInEffect: false,
    deserialize: (value) => pathsIn(value),
  })
  const add = useCallback(
    (path: string) => set((now) => [path, ...now.filter((one) => one !== path)].slice(0, MOST)),
    [set],
  )
  return [paths, add]
}

/** What is stored may be anybody's. */
function pathsIn(value: string | undefined): readonly string[] {
  try {
    const paths = JSON.parse(value ?? '[]') as unknown
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string').slice(0, MOST) : []
  } catch {
    return []
  }
}
