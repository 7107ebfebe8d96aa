// What the model continues or answers: a text, or a chat whose two sides go on from their own answers.
import { Button, SegmentedControl, Textarea, TextInput, Title } from '@mantine/core'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import type { RunView } from '../../state/live-steering.ts'
import { useDesk } from '../../state/desk.ts'
import { change, generate, stop } from '../../state/steering.ts'
import { baselineKey, chatOf, textOf, withAnswers, withChat, withKind } from '../../state/steering-setup.ts'

interface SteeringPromptProps {
  readonly setup: SteeringSetup
  /** The model has a chat template. */
  readonly chats: boolean
}

export function SteeringPrompt({ setup, chats }: SteeringPromptProps) {
  const run = useDesk((desk) => desk.live.run)
  const chat = typeof setup.prompt !== 'string'
  const { system, turns, message } = chatOf(setup.prompt)
  const running = run?.running ?? false
  const stale = run !== null && !running && baselineKey(run.setup) !== baselineKey(setup)
  const answered = chat && !stale && isAnswered(run)
  const write = (text: string) =>
    change(chat ? withChat(setup, { message: text }) : { ...setup, prompt: text }, { movement: 'prompt' })
  const goOn = () => {
    const [unsteered, steered] = run?.state?.rows ?? []
    change(withAnswers(setup, textOf(unsteered), textOf(steered)))
    document.querySelector<HTMLElement>('.steering-prompt textarea')?.focus()
  }
  return (
    <section className="card steering-prompt" aria-label="Prompt">
      <div className="card-head">
        <Title order={2}>{chat ? `Message ${turns.length / 2 + 1}` : 'Prompt'}</Title>
        {(chats || chat) && (
          <SegmentedControl
            size="xs"
            aria-label="Kind of prompt"
            value={chat ? 'chat' : 'text'}
            onChange={(value) => change(withKind(setup, value))}
            data={[
              { value: 'text', label: 'Text' },
              { value: 'chat', label: 'Chat' },
            ]}
          />
        )}
      </div>
      {chat && (
        <TextInput
          aria-label="System message"
          placeholder="System message: none"
          value={system}
          onChange={(event) =>
            change(withChat(setup, { system: event.currentTarget.value }), { movement: 'system' })
          }
        />
      )}
      <Textarea
        size="xs"
        aria-label={chat ? 'Message to answer' : 'Text to continue'}
        placeholder={chat ? 'A message to answer' : 'Without a text the model begins its own'}
        autosize
        minRows={2}
        maxRows={8}
        classNames={{ input: 'mono' }}
        value={message}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          generate()
        }}
      />
      <div className="try-row">
        {running ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <Button
            variant={answered ? 'default' : 'filled'}
            disabled={chat && message === ''}
            onClick={generate}
          >
            {chat ? 'Answer' : 'Generate'}
          </Button>
        )}
        {answered && (
          <Button variant="filled" onClick={goOn}>
            Next message
          </Button>
        )}
        {chat && turns.length > 0 && (
          <Button onClick={() => change(withKind(withKind({ ...setup }, 'text'), 'chat'))}>Start over</Button>
        )}
        <span className="muted fine">{stale ? 'changed since' : <kbd>Enter</kbd>}</span>
      </div>
    </section>
  )
}

/** There is something to go on from in both conversations: whole answers, or what came until they were stopped. */
function isAnswered(run: RunView | null): boolean {
  if (!run?.state || run.running || run.error) return false
  return run.state.done || run.state.rows.every(({ tokens }) => tokens.length > 0)
}
