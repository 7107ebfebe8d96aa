// The time as a value of a component that changes once a second while it matters.
import { useEffect, useState } from 'react'

/** Milliseconds since the epoch; stands still while `running` is false. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [running])
  return now
}
