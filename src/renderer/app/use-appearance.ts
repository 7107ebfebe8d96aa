// Carries the workspace's setting "appearance" over to the page.
import { useMantineColorScheme } from '@mantine/core'
import { useEffect } from 'react'
import { useApp } from '../state/app.ts'

export function useAppearance(): void {
  const appearance = useApp((state) => state.settings?.appearance)
  const { setColorScheme } = useMantineColorScheme()
  useEffect(() => {
    if (appearance) setColorScheme(appearance === 'system' ? 'auto' : appearance)
  }, [appearance, setColorScheme])
}
