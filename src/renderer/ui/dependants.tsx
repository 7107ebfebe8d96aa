// What depends on something that is to be deleted, by name; nothing where nothing does.
import type { ReactNode } from 'react'

interface DependantsProps {
  readonly names: readonly string[]
  /** What they are, and what becomes of them. */
  readonly children: ReactNode
}

export function Dependants({ names, children }: DependantsProps) {
  if (names.length === 0) return null
  return (
    <p className="wrap">
      {children} <strong>{names.join(', ')}</strong>.
    </p>
  )
}
