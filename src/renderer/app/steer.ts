// The way from a feature to the page that steers by it.
import type { useNavigate } from '@tanstack/react-router'
import { stagePlaces } from './places.ts'

const page = stagePlaces.find(({ id }) => id === 'steering')

export async function steer(
  navigate: ReturnType<typeof useNavigate>,
  sae: string,
  feature: number,
): Promise<void> {
  if (page) await navigate({ to: page.path, search: { sae, feature } })
}
