// What follows typing once it pauses, while the page that was typed on is still the one that is wanted.
import { useDebouncedCallback } from '@mantine/hooks'
import { useRouter } from '@tanstack/react-router'

/**
 * Hands the newest text on, `pause` milliseconds after it came; not where another page is on its way by then: that
 * would change the address back to this one.
 */
export function usePaused(then: (text: string) => void, pause: number): (text: string) => void {
  const router = useRouter()
  const later = useDebouncedCallback((page: string, text: string) => {
    if (router.latestLocation.pathname === page) then(text)
  }, pause)
  return (text) => later(router.latestLocation.pathname, text)
}
