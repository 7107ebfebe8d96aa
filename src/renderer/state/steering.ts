// What is done on the steering desk: steering and its texts, taking back, and keeping it as a session.
import type { Intervention } from '../../shared/steering.ts'
import { MOST_RUNS, type PastRun, type SteeringSetup } from '../../shared/steering-sessions.ts'
import { act, succeeds } from './actions.ts'
import { link } from './app.ts'
import { type Desk, emptyDesk, type KeptRun, leaveFor, takeDesk, useDesk } from './desk.ts'
import { LiveSteering } from './live-steering.ts'
import {
  baselineKey,
  freshSetup,
  pastRunOf,
  rangeOf,
  strengthsOf,
  withFeature,
  withIntervention,
  withoutIntervention,
} from './steering-setup.ts'
import { changedTo, redone, type Undo, undoOf, undone } from './undo.ts'

const live = new LiveSteering(
  {
    run: (order, listener) => link.subscribe('steering.run', order, listener),
    strip: (order, listener) => link.subscribe('steering.strip', order, listener),
  },
  `page ${Math.random().toString(36).slice(2)}`,
  (view) => useDesk.setState({ live: view }),
  (setup, state) => {
    const past = pastRunOf(setup, state, Date.now())
    if (past) void keep(past)
  },
)

/** Undefined while there is none. */
export function setupNow(): SteeringSetup | undefined {
  return useDesk.getState().undo?.now
}

/**
 * Turns to the SAE's desk, as it was left, and to the feature on it. The features that are steered beside one that was
 * not there.
 */
export function steerBy(sae: string, feature?: number): readonly number[] {
  if (setupNow()?.sae !== sae) turnTo(sae)
  const setup = setupNow()
  if (!setup || feature === undefined) return []
  const wanted = withFeature(setup, feature)
  if (wanted !== setup) change(wanted)
  touch(wanted.interventions.findIndex((one) => one.feature === feature))
  if (wanted === setup) return []
  generate()
  return setup.interventions.map((one) => one.feature)
}

/** Takes every other feature off the desk. */
export function steerAlone(feature: number): void {
  const setup = setupNow()
  const alone = setup?.interventions.filter((one) => one.feature === feature)
  if (setup && alone?.length === 1) change({ ...setup, interventions: alone }, { runs: true })
}

function turnTo(sae: string): void {
  const desk = takeDesk(sae)
  if (!desk) return begin(freshSetup(sae), null, [])
  leaveFor(sae)
  live.clear()
  useDesk.setState({ ...emptyDesk, ...desk })
}

/** Another setup that cannot be taken back: what was on the desk of its SAE is gone. */
export function begin(
  setup: SteeringSetup,
  session: Pick<NonNullable<Desk['session']>, 'id' | 'name'> | null,
  history: readonly KeptRun[],
): void {
  leaveFor(setup.sae)
  takeDesk(setup.sae)
  live.clear()
  useDesk.setState({
    ...emptyDesk,
    undo: undoOf(setup),
    history,
    session: session && { id: session.id, name: session.name, saved: setup },
  })
}

interface ChangeOptions {
  /** Steer anew, if anything was steered. */
  readonly runs?: boolean
  /** Changes of one movement are taken back as one. */
  readonly movement?: string
}

export function change(setup: SteeringSetup, { runs = false, movement }: ChangeOptions = {}): void {
  const { undo } = useDesk.getState()
  put(undo ? changedTo(undo, setup, movement ?? null) : undoOf(setup))
  if (runs) regenerate()
}

/** On the desk, with the thumb on a slider that is there. */
function put(undo: Undo<SteeringSetup>): void {
  const last = Math.max(0, undo.now.interventions.length - 1)
  useDesk.setState(({ slider }) => ({ undo, slider: Math.min(slider, last) }))
}

/** One intervention with other settings; steers, also where nothing was steered yet, as behind a session that was opened. */
export function changeIntervention(place: number, changed: Intervention, movement?: string): void {
  const setup = setupNow()
  if (!setup?.interventions[place]) return
  useDesk.setState({ slider: place })
  change(withIntervention(setup, place, changed), movement === undefined ? {} : { movement })
  generate()
}

export function removeIntervention(place: number): void {
  const setup = setupNow()
  if (!setup) return
  const { slider } = useDesk.getState()
  if (slider > place) useDesk.setState({ slider: slider - 1 })
  change(withoutIntervention(setup, place), { runs: true })
}

/** Steers by another feature, too. */
export function addFeature(feature: number): void {
  const setup = setupNow()
  if (!setup) return
  const wanted = withFeature(setup, feature)
  useDesk.setState({ slider: wanted.interventions.findIndex((one) => one.feature === feature) })
  if (wanted !== setup) change(wanted)
  generate()
}

/** Puts the thumb on a slider: the strip will be of it. */
export function touch(slider: number): void {
  const { slider: before } = useDesk.getState()
  const setup = setupNow()
  if (!setup || slider === before || slider < 0) return
  useDesk.setState({ slider })
  live.touched(setup, thumbOf(setup))
}

/** A slider moves: what is computed for where it was is stale. */
export function moved(slider: number): void {
  useDesk.setState({ slider })
  live.moved()
}

/** ± the end of a slider. */
export function endOf({ feature, strength }: Intervention, ranges: Desk['ranges']): number {
  return Math.max(rangeOf(strength), ranges.get(feature) ?? 0)
}

/** Makes the feature's slider so long, if it is not. */
export function lengthen(feature: number, end: number): void {
  if (end <= (useDesk.getState().ranges.get(feature) ?? rangeOf(0))) return
  useDesk.setState({ ranges: new Map([...useDesk.getState().ranges, [feature, end]]) })
  const setup = setupNow()
  if (setup) live.touched(setup, thumbOf(setup))
}

function thumbOf(setup: SteeringSetup) {
  const { slider, ranges } = useDesk.getState()
  const under = setup.interventions[slider]
  return { slider, strengths: strengthsOf(under ? endOf(under, ranges) : 2) }
}

export function generate(): void {
  const setup = setupNow()
  if (!setup) return
  const { run } = live.view
  live.generate(setup, thumbOf(setup), run !== null && baselineKey(run.setup) === baselineKey(setup))
}

export function stop(): void {
  live.stop()
}

export function takeBack(): void {
  travel(undone)
}

export function doAgain(): void {
  travel(redone)
}

function travel(way: (undo: Undo<SteeringSetup>) => Undo<SteeringSetup>): void {
  const { undo } = useDesk.getState()
  if (!undo) return
  const then = way(undo)
  if (then === undo) return
  put(then)
  regenerate()
}

function regenerate(): void {
  if (live.view.run) generate()
}

async function keep(past: PastRun): Promise<void> {
  const add = (run: KeptRun) =>
    useDesk.setState(({ history }) => ({ history: [run, ...history].slice(0, MOST_RUNS) }))
  const { session } = useDesk.getState()
  if (!session) return add(past)
  const id = await act('steering.addRun', { session: session.id, run: past })
  if (useDesk.getState().session?.id === session.id) add(id === undefined ? past : { ...past, id })
}

export async function forgetRun(run: KeptRun): Promise<void> {
  const { session } = useDesk.getState()
  if (session && run.id !== undefined) {
    if (!(await succeeds('steering.removeRun', { session: session.id, run: run.id }))) return
  }
  useDesk.setState(({ history }) => ({ history: history.filter((one) => one !== run) }))
}

/** What is on the desk is not what the open session has. */
export function isChanged({ session, undo }: Desk): boolean {
  const now = undo?.now
  return session !== null && session.saved !== now && JSON.stringify(session.saved) !== JSON.stringify(now)
}

/** Something on the desk would be gone if another setup took its place. */
export function isUnsaved(desk: Desk): boolean {
  const { session, history, undo } = desk
  return session ? isChanged(desk) : history.length > 0 || (undo?.past.length ?? 0) > 0
}

/** Saves the setup in the session that is open. */
export async function save(): Promise<boolean> {
  const { session } = useDesk.getState()
  const setup = setupNow()
  if (!session || !setup) return false
  if (!(await act('steering.saveSession', { id: session.id, setup }))) return false
  const { session: now } = useDesk.getState()
  if (now?.id === session.id) useDesk.setState({ session: { ...now, saved: setup } })
  return true
}

/** Saves the setup in a new session of that name with the runs so far, and opens it. */
export async function saveAs(name: string): Promise<boolean> {
  const setup = setupNow()
  if (!setup) return false
  const saved = await act('steering.saveSession', { name, setup })
  if (!saved) return false
  useDesk.setState(({ history }) => ({
    session: { id: saved.id, name: saved.name, saved: setup },
    // their ids are those of the session that was open before
    history: history.map(pastOf),
  }))
  // the oldest first: each is the newest when it is added; those that end from now on are kept as they end
  for (const run of useDesk.getState().history.toReversed()) {
    const past = pastOf(run)
    const id = await act('steering.addRun', { session: saved.id, run: past })
    if (id === undefined) continue
    useDesk.setState(({ history }) => ({
      history: history.map((one) => (one === run ? { ...past, id } : one)),
    }))
  }
  return true
}

function pastOf({ id: _, ...past }: KeptRun): PastRun {
  return past
}

/**
 * The id of a session with just what is on the desk, for a report: the open one, or where that has something else a
 * new one of that name. What is open, and what it was saved with, stays.
 */
export async function sessionForReport(name: string): Promise<string | undefined> {
  const desk = useDesk.getState()
  const setup = setupNow()
  if (!setup) return undefined
  if (desk.session && !isChanged(desk)) return desk.session.id
  const made = await act('steering.saveSession', { name, setup, history: desk.history.map(pastOf) })
  return made?.id
}

/** An empty desk for the same SAE in the same model. */
export function beginAnew(): void {
  const setup = setupNow()
  if (!setup) return
  const { sae, model, precision, anyName } = setup
  begin({ ...freshSetup(sae), precision, anyName, ...(model !== undefined && { model }) }, null, [])
}

/** Puts a session on the desk. */
export async function open(id: string): Promise<void> {
  const session = await act('steering.session', { id })
  if (session) begin(session.setup, session, session.history)
}
