// How the figures of a report are put into words, the same in every format.
import type { FeaturePage } from '../../shared/features.ts'
import type { LabRun } from '../../shared/prompt-lab.ts'
import { interventionWords } from '../../shared/steer-text.ts'
import type { PastRun, SteeringSetup } from '../../shared/steering-sessions.ts'
import { activationWords } from '../../shared/heat.ts'
import { formatCount, formatPercent } from '../../shared/units.ts'
import type { ReportedTraining } from './piece.ts'

type Row = readonly [name: string, value: string]

export function featureRows({ density, max, mean, firings, contexts }: FeaturePage): Row[] {
  return [
    ['Density', formatPercent(density)],
    ['Maximum', activationWords(max)],
    ['Mean where it fires', activationWords(mean)],
    ['Fires', `on ${formatCount(firings)} tokens in ${formatCount(contexts)} contexts`],
  ]
}

export function trainingRows({ run, evaluation, curves }: ReportedTraining): Row[] {
  if (!run) return [['Training', 'This SAE was trained elsewhere.']]
  const { config, validation, steps, model } = run
  return [
    ['Variant', `${config.variant} × ${formatCount(config.width)}`],
    ['Model', `${model.name}, ${model.hook}`],
    ['Steps', formatCount(Math.max(steps, curves.steps))],
    ['Rows', formatCount(config.tokens)],
    ...(validation
      ? ([
          ['Unexplained variance', formatPercent(validation.fvu)],
          ['L0', activationWords(validation.l0)],
          ['Dead features', formatPercent(validation.dead)],
        ] as const)
      : []),
    ...(evaluation
      ? ([
          ['Loss recovered', formatPercent(evaluation.ceRecovered)],
          ['KL when spliced in', `${activationWords(evaluation.kl)} nats`],
        ] as const)
      : []),
  ]
}

export function trainingTitle(sae: string): string {
  return `Training of ${sae}`
}

/** Rows of a table of the lab that are shown; the CSV and JSON have all of them. */
const LAB_ROWS = 50

/** The features of a run with the greatest means, or of two sets with the greatest effects either way. */
export function labPlaces(run: LabRun): number[] {
  const { means, effect } = run.measures.all
  const weight = (at: number) => {
    const value = Math.abs((run.kind === 'contrast' ? effect?.[at] : means[0]?.[at]) ?? 0)
    return Number.isNaN(value) ? 0 : value
  }
  return Array.from(run.features, (_, at) => at)
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, LAB_ROWS)
}

export function promptWords({ prompt }: Pick<SteeringSetup, 'prompt'>): string {
  if (typeof prompt === 'string') return prompt
  return prompt.map(({ role, content }) => `${role}: ${content}`).join('\n')
}

/** The unsteered text and the steered one, and what stands before each: another chat where it has gone on differently. */
export function sidesOf({ setup, rows }: PastRun) {
  const { prompt, steeredPrompt = prompt } = setup
  const side = (before: SteeringSetup['prompt'], text = '') =>
    typeof before === 'string'
      ? { before, text }
      : { before: `${promptWords({ prompt: before })}\nassistant:`, text: ` ${text}` }
  return { baseline: side(prompt, rows[0]?.text), steered: side(steeredPrompt, rows[1]?.text) }
}

/**
 * Of a history, the newest first, what a reader wants: of runs with the same prompt and strengths the last one, and an
 * unsteered one only where none with its prompt was steered, since the unsteered text stands beside every steered one.
 */
export function toldRuns(history: readonly PastRun[]): PastRun[] {
  const steered = new Set(history.filter(isSteered).map(({ setup }) => promptWords(setup)))
  const told = new Set<string>()
  return history.filter((run) => {
    const prompt = promptWords(run.setup)
    const what = JSON.stringify([prompt, interventionWords(run.setup.interventions)])
    if (told.has(what) || (!isSteered(run) && steered.has(prompt))) return false
    told.add(what)
    return true
  })
}

function isSteered({ setup }: PastRun): boolean {
  return setup.interventions.length > 0
}

/** How many runs are left out, in words; null where it is none. */
export function leftOutWords(history: readonly PastRun[]): string | null {
  const left = history.length - toldRuns(history).length
  if (left === 0) return null
  return `${left} more ${left === 1 ? 'text' : 'texts'} of the same prompts and strengths, or without steering, ${left === 1 ? 'is' : 'are'} in the JSON, CSV and Parquet`
}

/** All that fixed a completion. */
export function runRows({ setup, facts }: PastRun): Row[] {
  const { sampling, maxTokens, stop } = setup
  const knobs = Object.entries(sampling).map(([name, value]) => `${name} ${String(value)}`)
  return [
    ['Steered', interventionWords(setup.interventions)],
    ['Model', `${facts.model}, ${facts.hook}, mean norm ${activationWords(facts.norm)}`],
    [
      'Sampling',
      [...knobs, `at most ${maxTokens} tokens`, ...stop.map((text) => `stop ${JSON.stringify(text)}`)].join(
        ', ',
      ),
    ],
  ]
}
