// A completion as it streams: the knobs, start and stop, every token with its probability, and how fast it goes.
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { fieldsOf, issueText } from '../../../shared/config.ts'
import type { GenerationState } from '../../../shared/contract/generation.ts'
import {
  type Completion,
  type EndReason,
  knobsSchema,
  type ModelPrecision,
} from '../../../shared/generation.ts'
import { useRun } from '../../state/use-run.ts'
import { FieldInput } from '../../ui/config-form.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { TokenStrip } from './token-strip.tsx'

interface ModelCompletionProps {
  readonly model: string
  readonly precision: ModelPrecision
  readonly text: string
  /** The text is a message to answer. */
  readonly chat: boolean
  /** Looks into prompt and completion as one text. */
  onAnalyse(text: string): void
}

const fields = fieldsOf(knobsSchema)

export function ModelCompletion({ model, precision, text, chat, onAnalyse }: ModelCompletionProps) {
  const [knobs, setKnobs] = useState<Record<string, unknown>>({})
  const [system, setSystem] = useState('')
  const [stop, setStop] = useState('')
  /** What the completion that is shown continues; nothing for an answer. */
  const [before, setBefore] = useState('')
  const { state, error, running, start, stop: cancel } = useRun('model.generate')
  const parsed = knobsSchema.safeParse(knobs)

  const begin = () => {
    if (!parsed.success) return
    const { maxTokens, ...sampling } = parsed.data
    const messages: Completion['prompt'] = [
      ...(system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content: text },
    ]
    const prompt = chat ? messages : text
    setBefore(chat ? '' : text)
    const row = { prompt, sampling, maxTokens, stop: stop === '' ? [] : [unescaped(stop)] }
    start({ model, precision, rows: [row] })
  }

  const completion = state?.rows[0]
  const written = (completion?.tokens ?? []).map((token) => token.text).join('')
  return (
    <>
      {chat && (
        <TextInput
          label="System message"
          placeholder="none"
          value={system}
          onChange={(event) => setSystem(event.currentTarget.value)}
        />
      )}
      <details>
        <summary>Knobs</summary>
        <div className="knobs">
          {fields.map((field) => (
            <FieldInput
              key={field.name}
              field={field}
              // emptied, it stays empty, and the default counts
              value={field.name in knobs ? knobs[field.name] : field.default}
              onChange={(value) => setKnobs({ ...knobs, [field.name]: value })}
            />
          ))}
          <TextInput
            label="Stop"
            description="The text ends before this; \n is the end of a line."
            value={stop}
            onChange={(event) => setStop(event.currentTarget.value)}
          />
        </div>
      </details>
      {!parsed.success && <p className="bad">{issueText(parsed.error)}</p>}
      <div className="try-row">
        {running ? (
          <Button onClick={cancel}>Stop</Button>
        ) : (
          <Button variant="filled" disabled={(chat && text === '') || !parsed.success} onClick={begin}>
            {chat ? 'Answer' : 'Continue'}
          </Button>
        )}
        {!running && !chat && written !== '' && (
          <Button onClick={() => onAnalyse(before + written)}>Analyse all of it</Button>
        )}
        <span className="muted" role="status">
          {progressWords(state, running, error !== undefined && error.kind !== 'cancelled')}
        </span>
      </div>
      {completion && completion.tokens.length > 0 && (
        <TokenStrip label="The completion" before={before} tokens={completion.tokens} />
      )}
      {error && error.kind !== 'cancelled' && <ErrorText error={error} />}
    </>
  )
}

const ends: Readonly<Record<EndReason, string>> = {
  eos: 'the model ended the text',
  stop: 'ended before the stop text',
  length: 'as many tokens as asked for',
  context: 'the context of the model is full',
}

function progressWords(state: GenerationState | undefined, running: boolean, failed: boolean): string {
  if (!state) return running ? 'Asking…' : ''
  const [row] = state.rows
  if (running && state.waiting !== null) return state.waiting
  const count = row?.tokens.length ?? 0
  const counted = `${count} ${count === 1 ? 'token' : 'tokens'}`
  if (running) return counted
  const end = row?.end ? ends[row.end] : failed ? 'broken off' : 'stopped'
  // the error says it all
  if (failed && count === 0) return ''
  const speed = state.tokensPerSecond === null ? '' : ` · ${state.tokensPerSecond.toFixed(1)} tokens/s`
  return `${counted}${speed} · ${end}`
}

/** With the line ends and tabs that cannot be typed into one line. */
function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
}
