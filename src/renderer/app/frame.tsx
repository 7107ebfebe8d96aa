// The frame around every page: top bar, rail, palette, shortcuts, and what to do when the host is away.
import { Outlet } from '@tanstack/react-router'
import { useApp } from '../state/app.ts'
import { Connecting, ConnectionBanner, Refused } from './connection.tsx'
import { DemoBanner } from './demo-banner.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { TopBar } from './top-bar.tsx'
import { Tour } from './tour.tsx'
import { useAppearance } from './use-appearance.ts'

export function Frame() {
  const status = useApp((state) => state.status)
  const known = useApp((state) => state.host !== null)
  useAppearance()
  if (status.state === 'refused') return <Refused reason={status.reason} />
  return (
    <>
      <a className="skip" href="#main" onClick={focusMain}>
        Skip to the page
      </a>
      <div className="frame">
        <TopBar />
        <Rail />
        <div className="lines">
          <DemoBanner />
          <Tour />
        </div>
        <main className="main" id="main" tabIndex={-1}>
          <ConnectionBanner />
          {known ? <Outlet /> : <Connecting />}
        </main>
      </div>
      <Palette />
      <Shortcuts />
    </>
  )
}

/** The fragment of the address belongs to the router, so the link moves the focus itself. */
function focusMain(event: React.MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
