// The Steering page: a prompt, sliders of features, and what the model writes with and without them.
import { Button } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { showChoice } from '../../state/actions.ts'
import { useDesk } from '../../state/desk.ts'
import { steerAlone, steerBy } from '../../state/steering.ts'
import { useSaes } from '../../state/use-saes.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { SteeringDesk } from './steering-desk.tsx'
import { SteeringSessions } from './steering-sessions.tsx'

const purpose = 'Turn a feature up or down while completions change.'

export function SteeringPage() {
  const { sae, feature } = useSearch({ from: '/steering' })
  const navigate = useNavigate()
  const { output, error } = useSaes()
  const saes = output?.filter(({ done }) => done !== null)
  const setup = useDesk(({ undo }) => undo?.now)
  // one that was named, the one on the desk, or the newest there is
  const wanted = sae ?? setup?.sae ?? saes?.[0]?.id
  useEffect(() => {
    if (wanted === undefined) return
    const beside = steerBy(wanted, feature)
    if (feature !== undefined && beside.length > 0) sayBeside(feature, beside)
    // what an address asks for is done once: a reload is of the desk as it was left
    if (sae !== undefined || feature !== undefined) void navigate({ to: '/steering', replace: true })
  }, [wanted, sae, feature, navigate])
  if (!saes) return error ? <ErrorText error={error} /> : null
  if (wanted === undefined) {
    const coming = output?.some(({ state }) => state === 'training' || state === 'importing') ?? false
    return <NoSae coming={coming} />
  }
  return setup ? <SteeringDesk setup={setup} saes={saes} /> : null
}

/** A feature that was chosen elsewhere came to others that whoever chose it does not see. */
function sayBeside(feature: number, beside: readonly number[]): void {
  const others =
    beside.length === 1 ? `feature ${beside[0]}, which is` : `features ${beside.join(', ')}, which are`
  showChoice(`Feature ${feature} was added to ${others} on the desk.`, `Steer by ${feature} alone`, () =>
    steerAlone(feature),
  )
}

function NoSae({ coming }: { readonly coming: boolean }) {
  const [sessions, setSessions] = useState(false)
  return (
    <div className="page">
      <PageHead title="Steering" note={purpose} />
      <section className="card empty">
        <strong>{coming ? 'An SAE is on its way' : 'No SAE yet'}</strong>
        <p>
          A model is steered by adding a feature’s direction to what it represents, and features are the
          directions of a sparse autoencoder. Train one or import one, then come back.
        </p>
        <div className="try-row">
          <Button component={Link} to="/sae" variant="filled">
            {coming ? 'See how far it is' : 'Go to the SAEs'}
          </Button>
          <Button onClick={() => setSessions(true)}>Sessions</Button>
        </div>
      </section>
      <SteeringSessions opened={sessions} onClose={() => setSessions(false)} />
    </div>
  )
}
