// The steering desk without a page: what is kept of runs, and when it steers; with a host that answers when the test says so.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { applySteering, emptySteering, type SteeringState } from '../../../src/shared/contract/steering.ts'
import type { SteeringPorts } from '../../../src/renderer/state/live-steering.ts'
import { freshSetup, withFeature } from '../../../src/renderer/state/steering-setup.ts'

const host = vi.hoisted(() => ({
  call: vi.fn<(name: string, input: unknown) => Promise<unknown>>(),
  subscribe: vi.fn<(name: string, order: unknown, listener: unknown) => () => void>(),
}))
vi.mock('../../../src/renderer/state/app.ts', () => ({ link: host }))

const kept = vi.hoisted(() => new Map<string, string>())
const leaving = vi.hoisted((): (() => void)[] => [])
vi.stubGlobal('window', {
  addEventListener: (name: string, leave: () => void) => name === 'pagehide' && leaving.push(leave),
})
vi.stubGlobal('sessionStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, text: string) => {
    if (text.length > 20_000) throw new Error('no room')
    kept.set(key, text)
  },
})

/** As a page loads it. */
async function loaded() {
  const desk = await import('../../../src/renderer/state/desk.ts')
  return { ...desk, ...(await import('../../../src/renderer/state/steering.ts')) }
}

const {
  begin,
  beginAnew,
  change,
  changeIntervention,
  generate,
  isUnsaved,
  removeIntervention,
  save,
  saveAs,
  sessionForReport,
  steerAlone,
  steerBy,
  takeBack,
  touch,
  useDesk,
} = await loaded()

const setup = withFeature(freshSetup('an-sae'), 7)

/** Texts that are whole, one token each. */
function whole(text: string): SteeringState {
  let state = applySteering(emptySteering(1, ''), {
    type: 'facts',
    facts: {
      ...{ model: 'm', hook: 'blocks.3.hook_resid_post', features: 64, norm: 10 },
      ...{ normFrom: 'harvest', reads: 'encoder' },
    },
  })
  for (const row of [0, 1]) {
    const tokens = [{ id: 1, text, logProbability: -1, kl: 0 }]
    state = applySteering(state, { type: 'tokens', row, tokens })
    state = applySteering(state, { type: 'end', row, reason: 'length' })
  }
  return applySteering(state, { type: 'done', tokensPerSecond: 50, firstTokenMs: 10 })
}

/** Steers, and the host answers with this text. */
function steer(text: string): void {
  generate()
  const [, , listener] = host.subscribe.mock.calls.findLast(([name]) => name === 'steering.run')!
  const { state, end } = listener as Parameters<SteeringPorts['run']>[1]
  state(whole(text))
  end()
}

const runs = () => useDesk.getState().history.map(({ id, rows }) => [rows[1]!.text, id])

beforeEach(() => {
  host.call.mockReset()
  host.subscribe.mockReset().mockReturnValue(() => undefined)
  begin(setup, null, [])
})

describe('the steering desk', () => {
  it('keeps what ends while a new session is saved', async () => {
    const answers: (() => void)[] = []
    let added = 0
    host.call.mockImplementation(
      (name) =>
        new Promise((resolve) =>
          answers.push(() => resolve(name === 'steering.addRun' ? ++added : { id: 's', name: 'Own' })),
        ),
    )
    const answer = async () => {
      await vi.waitFor(() => expect(answers).not.toEqual([]))
      answers.shift()!()
    }
    steer('first')
    const saving = saveAs('Own')
    steer('before there is the session')
    await answer()
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    steer('while runs are added')
    for (let run = 0; run < 3; run++) await answer()
    expect(await saving).toBe(true)
    await vi.waitFor(() => expect(runs()).toHaveLength(3))
    expect(runs()).toEqual([
      ['while runs are added', 2],
      ['before there is the session', 3],
      ['first', 1],
    ])
    expect(host.call.mock.calls.filter(([name]) => name === 'steering.addRun')).toHaveLength(3)
  })

  it('steers as soon as a slider of a session that was opened moves', () => {
    begin(setup, { id: 's', name: 'Own' }, [])
    expect(host.subscribe).not.toHaveBeenCalled()
    changeIntervention(0, { ...setup.interventions[0]!, strength: 1 })
    expect(host.subscribe).toHaveBeenCalledWith(
      'steering.run',
      expect.objectContaining({ rows: [[expect.objectContaining({ feature: 7, strength: 1 })]] }),
      expect.anything(),
    )
  })

  it('leaves the session that is open as it was saved when a changed desk goes into a report', async () => {
    host.call.mockResolvedValueOnce({ id: 'copy' }).mockResolvedValueOnce({ id: 'another' })
    begin(setup, { id: 's', name: 'Own' }, [])
    expect(await sessionForReport('Own: 7')).toBe('s')
    expect(host.call).not.toHaveBeenCalled()
    steer('kept')
    await vi.waitFor(() => expect(runs()).toHaveLength(1))
    host.call.mockReset().mockResolvedValueOnce({ id: 'copy' }).mockResolvedValueOnce({ id: 'another' })
    removeIntervention(0)
    const bare = useDesk.getState().undo!.now
    // each time an entry of its own
    expect(await sessionForReport('Own: unsteered')).toBe('copy')
    expect(await sessionForReport('Own: unsteered')).toBe('another')
    const history = [expect.objectContaining({ setup }) as unknown]
    const saved = ['steering.saveSession', { name: 'Own: unsteered', setup: bare, history }]
    expect(host.call.mock.calls).toEqual([saved, saved])
    expect(useDesk.getState()).toMatchObject({ session: { id: 's', name: 'Own', saved: setup } })
    expect(isUnsaved(useDesk.getState())).toBe(true)
  })

  it('saves a session that has changed in its place, or as a new one with all runs', async () => {
    const past = { at: 1, setup, facts: whole('').facts!, rows: [] }
    begin(setup, { id: 's', name: 'Own' }, [{ ...past, id: 5 }])
    change({ ...setup, prompt: 'Another' })
    host.call.mockImplementation((name) =>
      Promise.resolve(name === 'steering.addRun' ? 9 : { id: 'new', name: 'Other' }),
    )
    expect(await saveAs('Other')).toBe(true)
    expect(host.call.mock.calls.map(([name, input]) => [name, Object.keys(input as object)])).toEqual([
      ['steering.saveSession', ['name', 'setup']],
      ['steering.addRun', ['session', 'run']],
    ])
    expect(useDesk.getState()).toMatchObject({ session: { id: 'new', name: 'Other' }, history: [{ id: 9 }] })
    expect(isUnsaved(useDesk.getState())).toBe(false)
    change({ ...setup, prompt: 'A third' })
    host.call.mockClear()
    expect(await save()).toBe(true)
    expect(host.call).toHaveBeenCalledWith('steering.saveSession', {
      ...{ id: 'new', setup: { ...setup, prompt: 'A third' } },
    })
    expect(isUnsaved(useDesk.getState())).toBe(false)
    beginAnew()
    expect(useDesk.getState()).toMatchObject({ session: null, history: [], undo: { past: [] } })
    expect(isUnsaved(useDesk.getState())).toBe(false)
  })

  it('has a desk for each SAE, which is as it was left, also after a reload', async () => {
    host.call.mockResolvedValue(3)
    begin(setup, { id: 's', name: 'Own' }, [])
    steer('mine')
    await vi.waitFor(() => expect(runs()).toEqual([['mine', 3]]))
    removeIntervention(0)
    const left = { ...useDesk.getState(), live: { run: null, strip: null } }
    steerBy('another-sae', 3)
    expect(useDesk.getState()).toMatchObject({ session: null, history: [], undo: { past: [{}] } })
    steerBy('an-sae')
    expect(useDesk.getState()).toEqual(left)
    leaving.at(-1)!()
    vi.resetModules()
    const reloaded = await loaded()
    expect(reloaded.useDesk.getState()).toEqual(left)
    reloaded.takeBack()
    expect(reloaded.setupNow()).toEqual(setup)
    expect(reloaded.isUnsaved(reloaded.useDesk.getState())).toBe(false)
    reloaded.steerBy('another-sae')
    expect(reloaded.setupNow()).toMatchObject({ sae: 'another-sae', interventions: [{ feature: 3 }] })
    // what has no room is left out, the oldest first
    reloaded.change({ ...setup, prompt: 'x'.repeat(1_000) })
    for (let step = 0; step < 60; step++) reloaded.change({ ...setup, prompt: `${step}`.repeat(100) })
    leaving.at(-1)!()
    vi.resetModules()
    const again = await loaded()
    expect(again.setupNow()?.prompt).toBe('59'.repeat(100))
    expect(again.useDesk.getState().undo!.past).toHaveLength(10)
  })

  it('says what is steered beside a feature that comes, and steers by it alone', () => {
    const features = () => useDesk.getState().undo?.now.interventions.map(({ feature }) => feature)
    expect(steerBy('an-sae', 9)).toEqual([7])
    expect(steerBy('an-sae', 9)).toEqual([])
    expect(features()).toEqual([7, 9])
    steerAlone(9)
    expect(features()).toEqual([9])
    takeBack()
    expect(features()).toEqual([7, 9])
    expect(steerBy('an-sae')).toEqual([])
    expect(steerBy('a-fresh-sae', 3)).toEqual([])
  })

  it('keeps the thumb on a slider that is there', () => {
    const slider = () => useDesk.getState().slider
    const three = [8, 9].reduce(withFeature, setup)
    begin(three, null, [])
    touch(2)
    removeIntervention(2)
    expect(slider()).toBe(1)
    removeIntervention(0)
    expect(slider()).toBe(0)
    change(three)
    touch(2)
    // as from the history
    change(setup)
    expect(slider()).toBe(0)
  })
})
