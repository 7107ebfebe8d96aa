// What a person sets up to steer, and what is asked of the host with it: pure functions of the setup.
import type { InputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { SteeringState } from '../../shared/contract/steering.ts'
import { type Message, type Sampling, samplingSchema } from '../../shared/generation.ts'
import { type Intervention, interventionSchema, STRIP_STRENGTHS } from '../../shared/steering.ts'
import { type PastRun, type SteeringSetup, steeringSetupSchema } from '../../shared/steering-sessions.ts'

/** Tokens of a text where nobody says otherwise: as many as fit beside each other without scrolling. */
const TOKENS = 64
const PROMPT = 'Once upon a time'
/** Features whose activation can be told at once. */
const MOST_PINNED = 8
/** Ends of a slider, in multiples of the norm; the least that holds the strength is taken. */
const RANGES = [2, 5, 10, 20] as const

/** Knobs that are set together, by the name of the preset; the seed is nobody's. */
const PRESETS: Readonly<Record<string, Omit<Sampling, 'seed'>>> = {
  Greedy: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
  Balanced: samplingSchema.omit({ seed: true }).parse({}),
  Creative: { temperature: 1.1, topK: 0, topP: 0.98, minP: 0, repetitionPenalty: 1.1 },
}
export const presetNames: readonly string[] = Object.keys(PRESETS)

/** The preset whose knobs these are; null where it is none. */
export function presetOf({ seed: _, ...knobs }: Sampling): string | null {
  const is = (preset: Omit<Sampling, 'seed'>) =>
    Object.entries(preset).every(([name, value]) => knobs[name as keyof typeof knobs] === value)
  return presetNames.find((name) => is(PRESETS[name]!)) ?? null
}

/** With the knobs of a preset; seed and length stay as they are. */
export function withPreset(setup: SteeringSetup, name: string): SteeringSetup {
  return { ...setup, sampling: { ...setup.sampling, ...PRESETS[name] } }
}

export function freshSetup(sae: string): SteeringSetup {
  return steeringSetupSchema.parse({
    ...{ sae, interventions: [], prompt: PROMPT, maxTokens: TOKENS },
  })
}

/** With the feature at the default strength, at the end; the same where it is there already. */
export function withFeature(setup: SteeringSetup, feature: number): SteeringSetup {
  if (setup.interventions.some((known) => known.feature === feature)) return setup
  return { ...setup, interventions: [...setup.interventions, interventionSchema.parse({ feature })] }
}

export function withIntervention(setup: SteeringSetup, place: number, changed: Intervention): SteeringSetup {
  return { ...setup, interventions: setup.interventions.with(place, changed) }
}

export function withoutIntervention(setup: SteeringSetup, place: number): SteeringSetup {
  return { ...setup, interventions: setup.interventions.toSpliced(place, 1) }
}

/** The features that are steered, then those their conditions ask for; as many as can be told. */
export function pinnedOf({ interventions }: Pick<SteeringSetup, 'interventions'>): number[] {
  const steered = interventions.map(({ feature }) => feature)
  const asked = interventions.flatMap(({ where }) => (where ? [where.feature] : []))
  return [...new Set([...steered, ...asked])].slice(0, MOST_PINNED)
}

/** ± the end of a slider that holds this strength. */
export function rangeOf(strength: number): number {
  return RANGES.find((range) => range >= Math.abs(strength)) ?? RANGES.at(-1)!
}

/** Those of the strip, from one end of a slider to the other. */
export function strengthsOf(range: number): number[] {
  return STRIP_STRENGTHS.map((strength) => (strength * range) / 2)
}

/** Interventions beside the unsteered text; without any the second text is the same one. */
export function runOrder(setup: SteeringSetup, replaces: string): InputOf<AppContract['steering.run']> {
  const { interventions, ...rest } = setup
  return { ...rest, pinned: pinnedOf(setup), rows: [interventions], replaces }
}

export function stripOrder(
  setup: SteeringSetup,
  slider: number,
  strengths: readonly number[],
  replaces: string,
): InputOf<AppContract['steering.strip']> {
  return { ...setup, pinned: pinnedOf(setup), slider, strengths: [...strengths], replaces }
}

/** Whether the intervention has a strength that can be moved. */
export function hasStrength(intervention: Intervention | undefined): boolean {
  return intervention !== undefined && intervention.mode !== 'ablate'
}

/** The same for setups that differ in nothing but the strength at the slider: they have one strip. */
export function stripKey(setup: SteeringSetup, slider: number, strengths: readonly number[]): string {
  const interventions = setup.interventions.map((one, place) =>
    place === slider ? { ...one, strength: 0, value: undefined } : one,
  )
  return JSON.stringify([{ ...setup, interventions }, slider, strengths])
}

/** The same for setups whose unsteered text is the same. */
export function baselineKey({
  interventions: _,
  steeredPrompt: __,
  pinned: ___,
  ...rest
}: SteeringSetup): string {
  return JSON.stringify(rest)
}

export function textOf(row: SteeringState['rows'][number] | undefined): string {
  return (row?.tokens ?? []).map(({ text }) => text).join('')
}

/** What the history keeps of a run that has ended; null for one that never began. */
export function pastRunOf(setup: SteeringSetup, state: SteeringState, at: number): PastRun | null {
  if (!state.facts) return null
  const interventions = [[], setup.interventions]
  const rows = state.rows.map((row, place) => ({
    ...{ interventions: interventions[place] ?? [], text: textOf(row), end: row.end },
  }))
  return { at, setup, facts: state.facts, rows }
}

/** The newest run that was kept of just this setup, as behind a session that was opened. */
export function keptOf(history: readonly PastRun[], setup: SteeringSetup): PastRun | undefined {
  const key = JSON.stringify(setup)
  return history.find((run) => JSON.stringify(run.setup) === key)
}

/** A chat in its parts; a text is a first message. */
export function chatOf(prompt: SteeringSetup['prompt']): {
  readonly system: string
  /** Turns that are over. */
  readonly turns: readonly Message[]
  /** That is answered next. */
  readonly message: string
} {
  if (typeof prompt === 'string') return { system: '', turns: [], message: prompt }
  const [first, ...others] = prompt
  const system = first?.role === 'system' ? first.content : ''
  const spoken = first && first.role !== 'system' ? prompt : others
  return { system, turns: spoken.slice(0, -1), message: spoken.at(-1)?.content ?? '' }
}

function promptOf(system: string, turns: readonly Message[], message: string): Message[] {
  const before: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }]
  return [...before, ...turns, { role: 'user', content: message }]
}

/** With another system message or another message to answer, in both conversations. */
export function withChat(
  setup: SteeringSetup,
  changes: { readonly system?: string; readonly message?: string },
): SteeringSetup {
  const changed = (prompt: SteeringSetup['prompt']) => {
    const { system, turns, message } = { ...chatOf(prompt), ...changes }
    return promptOf(system, turns, message)
  }
  const { steeredPrompt } = setup
  return {
    ...{ ...setup, prompt: changed(setup.prompt) },
    ...(steeredPrompt !== undefined && { steeredPrompt: changed(steeredPrompt) }),
  }
}

/** The next turn: both conversations go on from their own answers, with a message that is still empty. */
export function withAnswers(setup: SteeringSetup, unsteered: string, steered: string): SteeringSetup {
  const next = (prompt: SteeringSetup['prompt'], answer: string) => {
    const { system, turns, message } = chatOf(prompt)
    const said: Message[] = [
      { role: 'user', content: message },
      { role: 'assistant', content: answer },
    ]
    return promptOf(system, [...turns, ...said], '')
  }
  return {
    ...setup,
    prompt: next(setup.prompt, unsteered),
    steeredPrompt: next(setup.steeredPrompt ?? setup.prompt, steered),
  }
}

/** A text instead of a chat, or a chat of one message instead of a text. */
export function withKind(setup: SteeringSetup, kind: 'text' | 'chat'): SteeringSetup {
  const { message } = chatOf(setup.prompt)
  const { steeredPrompt: _, ...rest } = setup
  return { ...rest, prompt: kind === 'text' ? message : promptOf('', [], message) }
}
