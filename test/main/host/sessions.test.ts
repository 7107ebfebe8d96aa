// Steering sessions: saved, compared, duplicated, shared as files, and files that are none.
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Sessions } from '../../../src/main/host/sessions.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { putJob, findJob } from '../../../src/main/store/job-rows.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { MOST_RUNS, type PastRun, steeringSetupSchema } from '../../../src/shared/steering-sessions.ts'
import { jobNamed } from '../../helpers/jobs.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const setup = steeringSetupSchema.parse({
  sae: 'abc',
  prompt: 'In the beginning',
  interventions: [{ feature: 7, strength: 0.8 }],
})
const run: PastRun = {
  ...{ at: 5, setup },
  facts: {
    ...{ model: 'demo', hook: 'blocks.3.hook_resid_post', features: 9, norm: 119 },
    ...{ normFrom: 'harvest', reads: 'encoder' },
  },
  rows: [
    { interventions: [], text: ' was', end: 'length' },
    { interventions: setup.interventions, text: ' fue', end: null },
  ],
}

async function opened() {
  const path = join(await temporaryFolder(), 'workspace.sqlite')
  // as the version before sessions left it
  const old = openForWriting(path, workspaceMigrations.slice(0, 3))
  putJob(old, jobNamed('old'), 12)
  old.close()
  const db = openForWriting(path, workspaceMigrations)
  onTestFinished(() => void db.close())
  expect(findJob(db, 'old')).toEqual(jobNamed('old'))
  const sessions = new Sessions(db, path)
  const told: string[][] = []
  sessions.changed.listen((list) => told.push(list.map(({ name }) => name)))
  return { db, sessions, told }
}

describe('sessions', () => {
  it('are saved, renamed, filled, duplicated, compared and removed, and tell so', async () => {
    const { sessions, told } = await opened()
    const { id } = sessions.save({ setup })
    expect(sessions.list()).toMatchObject([
      { id, name: 'Session', sae: 'abc', prompt: 'In the beginning', runs: 0 },
    ])
    sessions.save({ id, name: 'Spanish' })
    const first = sessions.addRun(id, run)
    const second = sessions.addRun(id, { ...run, at: 6 })
    expect(sessions.get(id)).toMatchObject({
      name: 'Spanish',
      setup,
      history: [{ id: second, at: 6 }, { id: first }],
    })
    const copy = sessions.duplicate(id)
    expect(copy).toMatchObject({ name: 'Spanish (copy)', runs: 2 })
    sessions.save({ id: copy.id, setup: { ...setup, sampling: { ...setup.sampling, seed: 4 }, pinned: [3] } })
    expect(sessions.compare(id, copy.id)).toEqual([
      { name: 'sampling.seed', a: '0', b: '4' },
      { name: 'pinned.0', a: '–', b: '3' },
    ])
    const whole = sessions.save({ name: 'Whole', setup, history: [{ ...run, at: 8 }, run] })
    expect(sessions.get(whole.id).history.map(({ at }) => at)).toEqual([8, 5])
    sessions.remove(whole.id)
    sessions.removeRun(id, first)
    expect(sessions.get(id).history.map((one) => one.id)).toEqual([second])
    sessions.remove(id)
    expect(sessions.list().map((session) => session.id)).toEqual([copy.id])
    expect(() => sessions.get(id)).toThrow(expect.objectContaining({ code: 'steering/no-session' }))
    expect(() => sessions.save({ name: 'nothing' })).toThrow(
      expect.objectContaining({ code: 'steering/no-setup' }),
    )
    expect(told.at(0)).toEqual(['Session'])
    expect(told.at(-1)).toEqual(['Spanish (copy)'])
  })

  it('keep the newest runs', async () => {
    const { sessions } = await opened()
    const { id } = sessions.save({ setup })
    for (let at = 0; at < MOST_RUNS + 3; at++) sessions.addRun(id, { ...run, at })
    const { history } = sessions.get(id)
    expect(history).toHaveLength(MOST_RUNS)
    expect(history[0]!.at).toBe(MOST_RUNS + 2)
  })

  it('come back from their file as they were', async () => {
    const { sessions } = await opened()
    const { id } = sessions.save({ name: 'Año nuevo / «1»', setup })
    sessions.addRun(id, run)
    sessions.addRun(id, { ...run, at: 6 })
    const { name, text } = sessions.export(id)
    expect(name).toBe('Año-nuevo-1.steering.json')
    const back = sessions.get(sessions.import(text).id)
    const own = ({ history, ...rest }: typeof back) => ({
      ...{ name: rest.name, setup: rest.setup },
      history: history.map(({ id: _, ...one }) => one),
    })
    expect(own(back)).toEqual(own(sessions.get(id)))
  })

  it.each([
    ['no JSON', 'hello', /steering session/],
    ['another file', '{"format":1,"kind":"harvest"}', /kind/],
    ['a newer version', '{"format":2,"kind":"steering-session"}', /format/],
    ['too deep', '['.repeat(100) + ']'.repeat(100), /steering session/],
    ['a name given twice', '{"format":1,"format":1}', /steering session/],
    [
      'a strength nothing survives',
      JSON.stringify({
        ...{ format: 1, kind: 'steering-session', name: 'x', history: [] },
        setup: { ...setup, interventions: [{ feature: 1, strength: 1e300 }] },
      }),
      /strength/,
    ],
  ])('do not come from %s', async (_, text, why) => {
    const { sessions } = await opened()
    expect(() => sessions.import(text)).toThrow(
      expect.objectContaining({
        code: 'steering/session-file',
        message: expect.stringMatching(why) as string,
      }),
    )
    expect(sessions.list()).toEqual([])
  })
})
