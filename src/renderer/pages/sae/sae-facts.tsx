// What an SAE is, where it belongs, and what was found of it.
import { Title } from '@mantine/core'
import type { SaeEntry } from '../../../shared/saes.ts'
import { inputWords } from '../../../shared/training-input.ts'
import { formatCount, formatPercent } from '../../../shared/units.ts'
import { Fact, Facts } from '../../ui/facts.tsx'

interface SaeFactsProps {
  readonly sae: SaeEntry
  readonly done: NonNullable<SaeEntry['done']>
}

export function SaeFacts({ sae: { path, config, origin }, done }: SaeFactsProps) {
  const { architecture, directions, features, model, hook, validation, evaluation } = done
  const round = (value: number) => String(Number(value.toPrecision(4)))
  return (
    <section className="card" aria-label="Facts">
      <Title order={2}>What it is</Title>
      <Facts>
        <Fact
          name="architecture"
          value={`${architecture}, ${formatCount(features)} features over ${formatCount(directions)} directions`}
        />
        {model !== null && <Fact name="model" value={`${model}${hook === null ? '' : `, at ${hook}`}`} />}
        {config && (
          <Fact name="trained on" value={`${formatCount(config.tokens)} rows of ${inputWords(config)}`} />
        )}
        {origin && <Fact name="imported from" value={`${origin.from} (${origin.format})`} />}
        {validation && (
          <Fact
            name="held-out rows"
            value={`${formatPercent(validation.fvu)} of the variance unexplained (${formatPercent(1 - validation.fvu)} explained), L0 ${round(validation.l0)}, ${formatPercent(validation.dead)} of the features dead`}
          />
        )}
        <Fact
          name="in the model"
          value={
            evaluation
              ? `${formatPercent(evaluation.ceRecovered)} of the loss recovered, KL ${round(evaluation.kl)} nats a token`
              : 'not evaluated yet'
          }
        />
        <Fact name="folder" value={path} path={path} exact />
      </Facts>
    </section>
  )
}
