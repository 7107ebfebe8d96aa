// The contract's steering over the model that is held for interactive work, and the sessions of the workspace.
import { basename } from 'node:path'
import type { Handlers } from '../../shared/contract/define.ts'
import { emptySteering, type SteeringChange, type steeringContract } from '../../shared/contract/steering.ts'
import { assertSlider, withStrength } from '../../shared/steering.ts'
import type { MeasurePoint, SweepPoint } from '../../shared/steering-effect.ts'
import { sweetSpotOf } from '../../shared/sweet-spot.ts'
import { ChatTemplate } from '../llama/chat.ts'
import type { Sessions } from './sessions.ts'
import type { Steering } from './steering.ts'
import { steeringSets } from './steering-sets.ts'

const LOOKING = 'Looking for the SAE and its model.'

export function steeringHandlers(steering: Steering, sessions: Sessions): Handlers<typeof steeringContract> {
  const streamed = (sink: { delta(changes: SteeringChange[]): void }) => ({
    waiting: (reason: string) => sink.delta([{ type: 'waiting', for: reason }]),
    event: (event: SteeringChange) => sink.delta([event]),
  })
  return {
    'steering.run': async (order, sink, { signal }) => {
      sink.snapshot(emptySteering(order.rows.length, LOOKING))
      await steering.run(order, order, streamed(sink), signal)
      sink.end()
    },
    'steering.strip': async ({ interventions, slider, strengths, ...order }, sink, { signal }) => {
      sink.snapshot(emptySteering(strengths.length, LOOKING))
      assertSlider(interventions, slider)
      // what is added 0 times is the unsteered text to the last bit, and need not run beside it
      const [only, ...others] = interventions
      const isUnsteered = (strength: number) =>
        strength === 0 && only?.mode === 'add' && others.length === 0 && order.steeredPrompt === undefined
      const run = strengths.filter((strength) => !isUnsteered(strength))
      const rows = run.map((strength) => withStrength(interventions, slider, strength))
      const shown = [[0], ...run.map((): number[] => [])]
      let next = 1
      for (const [place, strength] of strengths.entries()) {
        shown[isUnsteered(strength) ? 0 : next++]!.push(place + 1)
      }
      const { waiting } = streamed(sink)
      const event = (told: SteeringChange) =>
        sink.delta('row' in told ? shown[told.row]!.map((row) => ({ ...told, row })) : [told])
      await steering.run(order, { ...order, rows }, { waiting, event }, signal)
      sink.end()
    },
    'steering.sweep': async (order, sink, { signal }) => {
      const total = order.strengths.length * order.samples
      sink.snapshot({ waiting: LOOKING, facts: null, done: 0, total, points: [], sweetSpot: null })
      const points: SweepPoint[] = []
      await steering.sweep(
        order,
        order,
        {
          waiting: (reason) => sink.delta({ waiting: reason }),
          event: (event) => {
            if (event.type === 'facts') return sink.delta({ waiting: null, facts: event.facts })
            if (event.type === 'progress') return sink.delta({ done: event.done, total: event.total })
            points.push(event.point)
            const all = points.length === order.strengths.length
            sink.delta({ points: [...points], sweetSpot: all ? sweetSpotOf(points) : null })
          },
        },
        signal,
      )
      sink.end()
    },
    'steering.measure': async (order, sink, { signal }) => {
      const points: MeasurePoint[] = []
      sink.snapshot({ waiting: LOOKING, facts: null, done: 0, total: 0, points, sweetSpot: null })
      await steering.measure(
        order,
        order,
        {
          waiting: (reason) => sink.delta({ waiting: reason }),
          event: (event) => {
            if (event.type === 'facts') sink.delta({ waiting: null, facts: event.facts })
            else if (event.type === 'progress') sink.delta({ done: event.done, total: event.total })
            else sink.delta({ points: event.points })
          },
        },
        signal,
      )
      sink.end()
    },
    'steering.place': async (place) => {
      const { form, hook, model, norm } = await steering.resolve(place)
      return {
        // one outside of the workspace is called by its path, which is no name for a page's head
        model: model.own === null ? basename(model.folder) : model.name,
        ...{ modelId: model.id ?? model.folder, hook, features: form.F },
        ...{ norm: norm?.mean ?? null, normFrom: norm?.from ?? 'sample' },
        reads: form.architecture === 'jumprelu' ? 'thresholds' : 'encoder',
        chat: (await ChatTemplate.open(model.folder)) !== null,
      }
    },
    'steering.sets': steeringSets,
    'steering.watchSessions': (_none, sink, { signal }) => {
      sink.snapshot(sessions.list())
      sessions.changed.listenUntil(signal, (list) => sink.delta([...list]))
    },
    'steering.session': ({ id }) => sessions.get(id),
    'steering.saveSession': (changes) => sessions.save(changes),
    'steering.duplicateSession': ({ id }) => sessions.duplicate(id),
    'steering.removeSession': ({ id }) => sessions.remove(id),
    'steering.addRun': ({ session, run }) => sessions.addRun(session, run),
    'steering.removeRun': ({ session, run }) => sessions.removeRun(session, run),
    'steering.compareSessions': ({ a, b }) => sessions.compare(a, b),
    'steering.exportSession': ({ id }) => sessions.export(id),
    'steering.importSession': ({ text }) => sessions.import(text),
  }
}
