// In which order a page steers, and what it ends: with a host that answers when the test says so.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LiveSteering, type SteeringPorts } from '../../../src/renderer/state/live-steering.ts'
import {
  baselineKey,
  freshSetup,
  pastRunOf,
  strengthsOf,
  withFeature,
  withIntervention,
} from '../../../src/renderer/state/steering-setup.ts'
import { applySteering, emptySteering, type SteeringState } from '../../../src/shared/contract/steering.ts'
import { cancelled, expected, toErrorData } from '../../../src/shared/errors.ts'
import type { SteeringSetup } from '../../../src/shared/steering-sessions.ts'

type Listener = Parameters<SteeringPorts['run']>[1]

const setup = withFeature(freshSetup('an-sae'), 7)
const thumb = { slider: 0, strengths: strengthsOf(2) }

function stronger(strength: number): SteeringSetup {
  return withIntervention(setup, 0, { ...setup.interventions[0]!, strength })
}

/** Texts of `steered` rows that are whole, one token each. */
function whole(steered: number, text: string): SteeringState {
  let state = applySteering(emptySteering(steered, ''), {
    type: 'facts',
    facts: {
      ...{ model: 'm', hook: 'blocks.3.hook_resid_post', features: 64, norm: 10 },
      ...{ normFrom: 'harvest', reads: 'encoder' },
    },
  })
  for (let row = 0; row <= steered; row++) {
    const tokens = [{ id: 1, text: `${text}${row}`, logProbability: -1, kl: 0 }]
    state = applySteering(state, { type: 'tokens', row, tokens })
    state = applySteering(state, { type: 'end', row, reason: 'length' })
  }
  return applySteering(state, { type: 'done', tokensPerSecond: 50, firstTokenMs: 10 })
}

function page() {
  const asked: {
    readonly what: 'run' | 'strip'
    readonly order: object
    listener: Listener
    over: boolean
  }[] = []
  const ask = (what: 'run' | 'strip') => (order: object, listener: Listener) => {
    const request = { what, order, listener, over: false }
    asked.push(request)
    return () => (request.over = true)
  }
  const done: string[] = []
  const live = new LiveSteering(
    { run: ask('run'), strip: ask('strip') },
    'page',
    () => undefined,
    (_setup, state) => done.push(state.rows[1]!.tokens.map(({ text }) => text).join('')),
  )
  const answer = (state: SteeringState, at = asked.length - 1) => {
    asked[at]!.listener.state(state)
    asked[at]!.listener.end()
  }
  return { asked, live, done, answer }
}

afterEach(() => vi.useRealTimers())

describe('steering', () => {
  it('asks for the texts first, and for the strip once they are there', () => {
    const { asked, live, done, answer } = page()
    live.generate(setup, thumb, false)
    expect(asked.map(({ what }) => what)).toEqual(['run'])
    expect(asked[0]!.order).toMatchObject({ rows: [setup.interventions], pinned: [7], replaces: 'page' })
    answer(whole(1, 'a'))
    expect(done).toEqual(['a1'])
    expect(asked.map(({ what }) => what)).toEqual(['run', 'strip'])
    expect(asked[1]!.order).toMatchObject({ slider: 0, strengths: thumb.strengths, replaces: 'page' })
    answer(whole(9, 's'))
    expect(live.view.strip).toMatchObject({ running: false, error: undefined })
  })

  it('keeps the strip while only the strength moves, and ends what is stale', () => {
    const { asked, live, answer } = page()
    live.generate(setup, thumb, false)
    answer(whole(1, 'a'))
    answer(whole(9, 's'))
    live.generate(stronger(1), thumb, true)
    expect(live.view.strip?.state?.rows).toHaveLength(10)
    live.moved()
    expect(asked[2]!.over).toBe(true)
    expect(live.view.run?.running).toBe(false)
    live.generate(stronger(1.5), thumb, true)
    // what was there stays in sight until the new text is
    expect(live.view.run?.before?.rows[1]!.tokens[0]!.text).toBe('a1')
    answer(whole(1, 'b'))
    expect(asked.map(({ what }) => what)).toEqual(['run', 'strip', 'run', 'run'])
  })

  it('lets the texts under the thumb pass a strip that is not finished, and makes it afterwards', () => {
    const { asked, live, answer } = page()
    live.generate(setup, thumb, false)
    answer(whole(1, 'a'))
    const half = { ...whole(9, 's'), done: false }
    half.rows = half.rows.map((row, place) => (place < 4 ? row : { ...row, end: null }))
    asked[1]!.listener.state(half)
    live.generate(stronger(1), thumb, true)
    expect(asked[1]!.over).toBe(true)
    answer(whole(1, 'b'))
    expect(asked.map(({ what }) => what)).toEqual(['run', 'strip', 'run', 'strip'])
    // what was finished stays in sight until as much is there again
    asked[3]!.listener.state(emptySteering(9, 'Waiting.'))
    expect(live.view.strip?.state).toBe(half)
    answer(whole(9, 't'))
    expect(live.view.strip?.state?.rows[9]!.tokens[0]!.text).toBe('t9')
  })

  it('makes another strip for another prompt, and none for a feature that has no strength', () => {
    const { asked, live, answer } = page()
    live.generate(setup, thumb, false)
    answer(whole(1, 'a'))
    answer(whole(9, 's'))
    const other = { ...setup, prompt: 'Another' }
    live.generate(other, thumb, false)
    expect(live.view.strip).toBeNull()
    expect(live.view.run?.before).toBeUndefined()
    answer(whole(1, 'b'))
    expect(asked.at(-1)!.what).toBe('strip')
    const ablated = withIntervention(setup, 0, { ...setup.interventions[0]!, mode: 'ablate' })
    live.generate(ablated, thumb, true)
    answer(whole(1, 'c'))
    expect(asked.at(-1)!.what).toBe('run')
    expect(live.view.strip).toBeNull()
  })

  it('tries once more by itself when the process died, and says what else went wrong', () => {
    vi.useFakeTimers()
    const { asked, live } = page()
    const died = toErrorData(expected('model/crashed', 'It died.'))
    live.generate(setup, thumb, false)
    asked[0]!.listener.end(died)
    expect(live.view.run).toMatchObject({ running: false, error: { code: 'model/crashed' } })
    vi.runAllTimers()
    expect(asked).toHaveLength(2)
    expect(live.view.run).toMatchObject({ running: true, error: undefined })
    asked[1]!.listener.end(died)
    vi.runAllTimers()
    expect(asked).toHaveLength(2)
    // asked again by a person it may try again
    live.generate(setup, thumb, false)
    asked[2]!.listener.end(died)
    vi.runAllTimers()
    expect(asked).toHaveLength(4)
    asked[3]!.listener.end(toErrorData(expected('generate/context', 'Too long.')))
    vi.runAllTimers()
    expect(asked).toHaveLength(4)
  })

  it('loads the model again once when it made room for a job, and not when a person unloaded it', () => {
    vi.useFakeTimers()
    const { asked, live } = page()
    live.generate(setup, thumb, false)
    asked[0]!.listener.end(toErrorData(expected('model/evicted', 'A job needs the device.')))
    vi.runAllTimers()
    expect(asked).toHaveLength(2)
    asked[1]!.listener.end(toErrorData(cancelled('The model was unloaded.')))
    vi.runAllTimers()
    expect(asked).toHaveLength(2)
    expect(live.view.run).toMatchObject({ running: false, error: { message: 'The model was unloaded.' } })
  })

  it('keeps the longer of the texts that were seen when one is ended early', () => {
    const { asked, live, answer } = page()
    live.generate(setup, thumb, false)
    answer(whole(1, 'a'))
    live.generate(stronger(1), thumb, true)
    asked.at(-1)!.listener.state(emptySteering(1, 'Waiting.'))
    live.generate(stronger(2), thumb, true)
    expect(live.view.run?.before?.rows.map(({ tokens }) => tokens[0]?.text)).toEqual(['a0', 'a1'])
  })
})

describe('setups', () => {
  it('have one unsteered text whatever is steered, and another with another seed', () => {
    expect(baselineKey(stronger(2))).toBe(baselineKey(setup))
    expect(baselineKey({ ...setup, sampling: { ...setup.sampling, seed: 1 } })).not.toBe(baselineKey(setup))
  })

  it('are kept with their texts and what fixed them', () => {
    const past = pastRunOf(setup, whole(1, 'a'), 5)
    expect(past).toMatchObject({
      ...{ at: 5, setup, facts: { norm: 10 } },
      rows: [
        { interventions: [], text: 'a0', end: 'length' },
        { interventions: setup.interventions, text: 'a1', end: 'length' },
      ],
    })
    expect(pastRunOf(setup, emptySteering(1, ''), 5)).toBeNull()
  })
})
