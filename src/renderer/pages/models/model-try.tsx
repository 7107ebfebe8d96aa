// Trying a model: it continues a text, answers in a chat, or shows what it makes of a text token by token.
import { SegmentedControl, Textarea, Title } from '@mantine/core'
import { useRef, useState } from 'react'
import type { ModelPrecision } from '../../../shared/generation.ts'
import { useAnalysis } from '../../state/use-analysis.ts'
import { useCall } from '../../state/use-call.ts'
import { ModelAnalysis } from './model-analysis.tsx'
import { ModelCompletion } from './model-completion.tsx'

type Mode = 'continue' | 'chat' | 'analyse'

const placeholders: Readonly<Record<Mode, string>> = {
  continue: 'A text to continue; without one the model begins its own',
  chat: 'A message to answer',
  analyse: 'A text to look into',
}

/** `model` is an id or the path of a checkpoint. */
export function ModelTry({ model }: { readonly model: string }) {
  const abilities = useCall('model.abilities', { model })
  const [wanted, setMode] = useState<Mode>('continue')
  const [text, setText] = useState('')
  const textBox = useRef<HTMLTextAreaElement>(null)
  const [precision, setPrecision] = useState<ModelPrecision>('auto')
  const analysis = useAnalysis(model, precision)
  const chat = abilities.output?.chat ?? false
  const mode = wanted === 'chat' && !chat ? 'continue' : wanted
  return (
    <section className="card try" aria-label="Try it">
      <div className="device-head">
        <Title order={2}>Try it</Title>
        <SegmentedControl
          size="xs"
          aria-label="Precision"
          title="int4 computes with weights of 4 bits on the CPU: faster, in a quarter of the memory, and less exact."
          value={precision}
          onChange={setPrecision}
          data={[
            { value: 'auto', label: 'Full precision' },
            { value: 'int4', label: 'int4' },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="What to do with the text"
          value={mode}
          onChange={setMode}
          data={[
            { value: 'continue', label: 'Continue' },
            ...(chat ? [{ value: 'chat' as const, label: 'Chat' }] : []),
            { value: 'analyse', label: 'Analyse' },
          ]}
        />
      </div>
      {abilities.error && <p className="wrap bad">{abilities.error.message}</p>}
      <Textarea
        ref={textBox}
        aria-label={placeholders[mode]}
        placeholder={placeholders[mode]}
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {/* hidden, it keeps what was written, and goes on with what it writes */}
      <div className="try-mode" hidden={mode === 'analyse'}>
        <ModelCompletion
          model={model}
          precision={precision}
          text={text}
          chat={mode === 'chat'}
          onAnalyse={(whole) => {
            setText(whole)
            setMode('analyse')
            analysis.analyse(whole)
            // the button that was pressed is hidden now
            textBox.current?.focus()
          }}
        />
      </div>
      {mode === 'analyse' && <ModelAnalysis text={text} call={analysis} />}
    </section>
  )
}
