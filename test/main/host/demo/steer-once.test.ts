// The steering of the demo: by which feature, at which strength, and what is kept of it.
import { describe, expect, it } from 'vitest'
import { steerOnce, type SteerOnceParts } from '../../../../src/main/host/demo/steer-once.ts'
import type { PastRun } from '../../../../src/shared/steering-sessions.ts'
import type { Intervention, SteeringEvent } from '../../../../src/shared/steering.ts'

const SPANISH = ' y el hombre dijo a los hijos de la casa: no es bueno'
/** (F, L): how often four features fire in English and Spanish. */
const byLanguage = Float32Array.from([0.5, 0.9, 0, 0.1, 0.3, 0.9, 0.9, 0.1])

/** A model that writes Spanish where it is steered by feature 2 at 0.75 and more. */
function parts() {
  const runs: PastRun[] = []
  let asked: Intervention[][] = []
  const read = (name: string) =>
    Promise.resolve(
      name === 'table' ? { features: 4, byLanguage } : { languages: [{ name: 'en' }, { name: 'es' }] },
    )
  const fakes = {
    indexes: { read: (_place: object, work: (reader: object) => unknown) => work({ read }) },
    steering: {
      run: (
        _place: object,
        { rows }: { rows: Intervention[][] },
        { event }: { event(told: SteeringEvent): void },
      ) => {
        asked = rows
        event({ type: 'facts', facts: { norm: 1 } as never })
        for (const [place, [by]] of [[], ...rows].entries()) {
          const spanish = by?.feature === 2 && by.strength >= 0.75
          const text = spanish ? SPANISH : ' he said to the man'
          event({ type: 'tokens', row: place, tokens: [{ id: 1, text, logProbability: -1, kl: 0 }] })
          event({ type: 'end', row: place, reason: 'length' })
        }
        event({ type: 'done', tokensPerSecond: 900, firstTokenMs: 1 })
        return Promise.resolve()
      },
    },
    sessions: {
      save: ({ name }: { name: string }) => ({ id: 'session', name }),
      addRun: (_session: string, run: PastRun) => runs.push(run),
    },
  }
  return { parts: fakes as unknown as SteerOnceParts, runs, asked: () => asked }
}

describe('the steering of the demo', () => {
  it('tries the features with most contrast at several strengths, and keeps what is most Spanish beside the unsteered text', async () => {
    const { parts: given, runs, asked } = parts()
    const { made, figures } = await steerOnce(given, { sae: 's', index: 'h' }, new AbortController().signal)
    // contrast: 0.6 of feature 2, 0.4 of 0, 0.1 of 1; feature 3 is English
    expect(asked().map(([by]) => [by!.feature, by!.strength])).toEqual([
      ...[0.5, 0.75, 1].map((strength) => [2, strength]),
      ...[0.5, 0.75, 1].map((strength) => [0, strength]),
      ...[0.5, 0.75, 1].map((strength) => [1, strength]),
    ])
    expect(made).toEqual({ session: 'session' })
    // the weaker of those that say the same
    expect(figures).toMatchObject({ feature: 2, strength: 0.75, tokensPerSecond: 900, steered: SPANISH })
    expect(figures.baseline).toBe(' he said to the man')
    expect(runs).toHaveLength(1)
    expect(runs[0]!.rows.map(({ text, interventions }) => [text, interventions.length])).toEqual([
      [' he said to the man', 0],
      [SPANISH, 1],
    ])
    expect(runs[0]!.setup.interventions).toMatchObject([{ feature: 2, mode: 'add', strength: 0.75 }])
  })
})
