// The head of the Steering page: whose features, in which model, and what can be done with the setup.
import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronDown,
  IconFolderOpen,
  IconReport,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { OutputOf } from '../../../shared/contract/define.ts'
import type { AppContract } from '../../../shared/contract/index.ts'
import { formatNumber } from '../../../shared/units.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { LONGEST_NAME, type SteeringSetup } from '../../../shared/steering-sessions.ts'
import { modKey } from '../../app/keys.ts'
import { useDesk } from '../../state/desk.ts'
import {
  beginAnew,
  doAgain,
  isChanged,
  isUnsaved,
  save,
  sessionForReport,
  steerBy,
  takeBack,
} from '../../state/steering.ts'
import { addToReport } from '../../state/report-draft.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { uniqueNames } from '../../ui/sae-words.ts'
import { strengthWords } from './strength-slider.tsx'

type Place = OutputOf<AppContract['steering.place']>

/** What opens over the page. */
export type SteeringSheet = 'sessions' | 'history' | 'save' | 'new'

interface SteeringHeadProps {
  readonly setup: SteeringSetup
  readonly saes: readonly SaeEntry[]
  readonly place: Place | undefined
  onSheet(sheet: SteeringSheet): void
}

const norms: Readonly<Record<Place['normFrom'], string>> = {
  harvest: 'measured by the SAE’s harvest',
  'other-harvest': 'measured by another harvest of the same place',
  training: 'as its training scaled rows',
  sample: 'measured on sample texts when it first steers',
}

export function SteeringHead({ setup, saes, place, onSheet }: SteeringHeadProps) {
  const undo = useDesk((desk) => desk.undo)
  const session = useDesk((desk) => desk.session)
  const names = uniqueNames(saes)
  const known = saes.some(({ id }) => id === setup.sae)
  const options = saes.map(({ id }, at) => ({ value: id, label: names[at]! }))
  const hasRun = useDesk((desk) => desk.history.length > 0)
  const changed = useDesk(isChanged)
  const unsaved = useDesk(isUnsaved)
  const [adding, setAdding] = useState(false)
  async function report() {
    setAdding(true)
    const kept = await sessionForReport(nameForReport(setup, session?.name))
    setAdding(false)
    if (kept !== undefined) addToReport({ kind: 'session', session: kept })
  }
  return (
    <PageHead
      title="Steering"
      note={
        <>
          <Select
            size="xs"
            w={170}
            aria-label="SAE"
            allowDeselect={false}
            data={known ? options : [{ value: setup.sae, label: setup.sae }, ...options]}
            value={setup.sae}
            onChange={(value) => value !== null && steerBy(value)}
            comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
          />
          {place && (
            <span className="muted note cut" title={`Mean residual norm: ${norms[place.normFrom]}`}>
              {place.model} · {place.hook}
              {place.norm !== null && ` · mean norm ${formatNumber(place.norm)}`}
            </span>
          )}
        </>
      }
    >
      <Step label={`Undo (${modKey} Z)`} able={(undo?.past.length ?? 0) > 0} onClick={takeBack}>
        <IconArrowBackUp size={16} />
      </Step>
      <Step label={`Redo (Shift ${modKey} Z)`} able={(undo?.future.length ?? 0) > 0} onClick={doAgain}>
        <IconArrowForwardUp size={16} />
      </Step>
      <Step label="Add to report" able={hasRun && !adding} onClick={() => void report()}>
        <IconReport size={16} />
      </Step>
      <Button onClick={() => onSheet('history')}>History</Button>
      <Button
        onClick={() => onSheet('sessions')}
        className="session-name"
        leftSection={<IconFolderOpen size={16} />}
        rightSection={<IconChevronDown size={14} />}
        aria-label={session ? `Sessions: ${session.name}` : 'Sessions'}
        title={session?.name}
      >
        <span className="cut">{session?.name ?? 'Sessions'}</span>
      </Button>
      <Button onClick={unsaved ? () => onSheet('new') : beginAnew}>New</Button>
      {session && (
        <Button disabled={!changed} onClick={() => void save()}>
          {changed ? 'Save' : 'Saved'}
        </Button>
      )}
      <Button onClick={() => onSheet('save')}>{session ? 'Save as new…' : 'Save…'}</Button>
    </PageHead>
  )
}

/** "Own: 459 +0.50, 7 −1.00 (for a report)". */
function nameForReport({ interventions }: SteeringSetup, session = 'Steering'): string {
  const features = interventions.map(({ feature, mode, strength }) =>
    mode === 'ablate' ? `${feature} ablated` : `${feature} ${strengthWords(strength)}`,
  )
  const whole = `${session}: ${features.length === 0 ? 'unsteered' : features.join(', ')}`
  const end = ' (for a report)'
  return whole.slice(0, LONGEST_NAME - end.length) + end
}

interface StepProps {
  readonly label: string
  readonly able: boolean
  readonly children: React.ReactNode
  onClick(): void
}

function Step({ label, able, children, onClick }: StepProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} disabled={!able} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
