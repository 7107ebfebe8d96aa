// The history of completions, each with every parameter: what was asked, what came, and the way back to it.
import { ActionIcon, Button, Drawer, Tooltip } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { copy } from '../../state/actions.ts'
import { type KeptRun, useDesk } from '../../state/desk.ts'
import { change, forgetRun, generate } from '../../state/steering.ts'
import { chatOf } from '../../state/steering-setup.ts'
import { visible } from '../../../shared/visible.ts'
import { formatTime } from '../../ui/job-words.ts'
import { strengthWords } from './strength-slider.tsx'

interface SteeringHistoryProps {
  readonly opened: boolean
  onClose(): void
}

export function SteeringHistory({ opened, onClose }: SteeringHistoryProps) {
  const history = useDesk((desk) => desk.history)
  const session = useDesk((desk) => desk.session)
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size={520}
      title="History of completions"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p className="muted lead">
        {session
          ? `Kept in the session ${session.name}.`
          : 'Kept while this window is open, also over a reload; saving a session keeps them for good.'}
      </p>
      {history.length === 0 && <p className="muted">Nothing was generated yet.</p>}
      <ol className="steering-history">
        {history.map((run) => (
          <Run key={run.at} run={run} onClose={onClose} />
        ))}
      </ol>
    </Drawer>
  )
}

function Run({ run, onClose }: { readonly run: KeptRun; onClose(): void }) {
  const { at, setup, rows, facts } = run
  const [unsteered, steered] = rows
  return (
    <li>
      <div className="card-head">
        <b>{interventionWords(setup)}</b>
        <span className="muted fine">{formatTime(at)}</span>
        <Tooltip label="Forget this one">
          <ActionIcon size="sm" aria-label="Forget this one" onClick={() => void forgetRun(run)}>
            <IconX size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <p className="run-text">
        <b>{visible(chatOf(setup.prompt).message)}</b>
        {typeof setup.prompt !== 'string' && <br />}
        {visible(steered?.text ?? '')}
      </p>
      <details>
        <summary className="muted fine">Baseline and parameters</summary>
        <p className="run-text">{visible(unsteered?.text ?? '')}</p>
        <p className="muted fine">
          {facts.model} · {facts.hook} · norm {Number(facts.norm.toPrecision(3))} · {knobWords(setup)}
        </p>
      </details>
      <div className="try-row">
        <Button
          size="compact-sm"
          onClick={() => {
            change(setup)
            generate()
            onClose()
          }}
        >
          Go back to it
        </Button>
        <Button
          size="compact-sm"
          onClick={() => {
            const { id: _, ...past } = run
            void copy(JSON.stringify(past, undefined, 2), 'Completion')
          }}
        >
          Copy
        </Button>
      </div>
    </li>
  )
}

/** "7 +0.50, clamp 8 +1.00 where 88 fires". */
function interventionWords({ interventions }: SteeringSetup): string {
  if (interventions.length === 0) return 'nothing steered'
  return interventions
    .map(({ feature, mode, strength, value, where }) => {
      const amount =
        mode === 'ablate' ? '' : ` ${value === undefined ? strengthWords(strength) : `at ${value}`}`
      const condition = where ? ` where ${where.feature} fires` : ''
      return `${mode === 'add' ? '' : `${mode} `}${feature}${amount}${condition}`
    })
    .join(', ')
}

function knobWords({ sampling, maxTokens, stop }: SteeringSetup): string {
  const { temperature, topK, topP, minP, repetitionPenalty, seed } = sampling
  return [
    `temperature ${temperature}`,
    `top-p ${topP}`,
    ...(topK === 0 ? [] : [`top-k ${topK}`]),
    ...(minP === 0 ? [] : [`min-p ${minP}`]),
    `repetition penalty ${repetitionPenalty}`,
    `seed ${seed}`,
    `at most ${maxTokens} tokens`,
    ...(stop.length === 0 ? [] : [`stop ${JSON.stringify(stop)}`]),
  ].join(' · ')
}
