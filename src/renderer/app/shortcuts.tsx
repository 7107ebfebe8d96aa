// The sheet of shortcuts on "?", and the shortcuts that lead from page to page.
import { Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isTyping, modKey, sequenceHandler } from './keys.ts'
import { otherPlaces, stagePlaces } from './places.ts'

const places = [...stagePlaces, ...otherPlaces]

export function Shortcuts() {
  const [opened, sheet] = useDisclosure(false)
  const navigate = useNavigate()
  useEffect(() => {
    const onSequence = sequenceHandler('g', (key) => {
      const place = places.find((candidate) => candidate.key === key)
      if (place) void navigate({ to: place.path })
      return place !== undefined
    })
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event.target)) sheet.toggle()
      else onSequence(event)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate, sheet])
  return (
    <Modal opened={opened} onClose={sheet.close} title="Shortcuts">
      <dl className="facts">
        <Shortcut keys={[modKey, 'K']} does="Search pages, jobs and commands" />
        <Shortcut keys={['?']} does="Show this sheet" />
        {places.map((place) => (
          <Shortcut key={place.path} keys={['g', place.key]} does={`Go to ${place.title}`} />
        ))}
      </dl>
    </Modal>
  )
}

function Shortcut({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key} style={{ marginRight: 4 }}>
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  )
}
