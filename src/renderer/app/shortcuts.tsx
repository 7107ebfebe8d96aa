// The sheet of shortcuts on "?", and the shortcuts that lead from page to page.
import { Modal } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { showSheet, useSheet } from '../state/sheet.ts'
import { featureKeys } from './feature-keys.ts'
import { isTyping, modKey, sequenceHandler } from './keys.ts'
import { places } from './places.ts'
import { steeringKeys } from './steering-keys.ts'

export function Shortcuts() {
  const opened = useSheet((state) => state.opened)
  const navigate = useNavigate()
  useEffect(() => {
    const onSequence = sequenceHandler('g', (key) => {
      const place = places.find((candidate) => candidate.key === key)
      if (!place) return false
      showSheet(false)
      void navigate({ to: place.path })
      return true
    })
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event.target)) showSheet(!useSheet.getState().opened)
      else onSequence(event)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [navigate])
  return (
    <Modal opened={opened} onClose={() => showSheet(false)} title="Shortcuts">
      <dl className="facts">
        <Shortcut keys={[modKey, 'K']} does="Search pages, jobs and commands" />
        <Shortcut keys={['?']} does="Show this sheet" />
        {places.map((place) => (
          <Shortcut key={place.path} keys={['g', place.key]} does={`Go to ${place.title}`} />
        ))}
      </dl>
      <h3 className="muted sheet-part">On the Features pages</h3>
      <dl className="facts">
        {Object.entries(featureKeys).map(([key, does]) => (
          <Shortcut key={key} keys={[key]} does={does} />
        ))}
      </dl>
      <h3 className="muted sheet-part">On the Steering page</h3>
      <dl className="facts">
        {Object.entries(steeringKeys).map(([key, does]) => (
          <Shortcut key={key} keys={[key]} does={does} />
        ))}
        <Shortcut keys={[modKey, 'Z']} does="Take a change back (with Shift do it again)" />
        <Shortcut keys={[modKey, 'Y']} does="Do it again" />
        <Shortcut keys={[modKey, 'S']} does="Save the session" />
      </dl>
    </Modal>
  )
}

function Shortcut({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  )
}
