// What is on the steering desk of the SAE in use, and the desks of the others as they were left, over a reload too.
import { create } from 'zustand'
import type { PastRun, SteeringSetup } from '../../shared/steering-sessions.ts'
import { type KeptDesk, readDesks, writeDesks } from './kept-desks.ts'
import type { LiveView } from './live-steering.ts'
import type { Undo } from './undo.ts'

/** A run in the history; without an id one that is not saved. */
export type KeptRun = PastRun & { readonly id?: number | undefined }

export interface Desk {
  /** Null until it is known whose features are steered. */
  readonly undo: Undo<SteeringSetup> | null
  /** Which intervention is under the thumb. */
  readonly slider: number
  /** ± the ends of sliders that are longer than their strength needs, by feature. */
  readonly ranges: ReadonlyMap<number, number>
  readonly live: LiveView
  /** The newest first. */
  readonly history: readonly KeptRun[]
  /** The session that is open, and its setup as it was saved. */
  readonly session: { readonly id: string; readonly name: string; readonly saved: SteeringSetup } | null
}

export const emptyDesk: Desk = {
  ...{ undo: null, slider: 0, ranges: new Map(), history: [], session: null },
  live: { run: null, strip: null },
}

const [last, ...left] = readDesks()
export const useDesk = create<Desk>(() => ({ ...emptyDesk, ...last }))
/** Desks of other SAEs, as they were left. */
const others = new Map(left.map((desk) => [desk.undo.now.sae, desk]))

/** Milliseconds after the last change until the desks are kept for a reload. */
const PAUSE = 300
let timer: ReturnType<typeof setTimeout> | undefined
useDesk.subscribe((desk, before) => {
  // texts that come change nothing that is kept
  if (
    (['undo', 'slider', 'ranges', 'history', 'session'] as const).every((part) => desk[part] === before[part])
  )
    return
  clearTimeout(timer)
  timer = setTimeout(keepDesks, PAUSE)
})
window.addEventListener('pagehide', keepDesks)

function keepDesks(): void {
  clearTimeout(timer)
  const now = deskNow()
  writeDesks([...(now ? [now] : []), ...others.values()])
}

function deskNow(): KeptDesk | undefined {
  const { undo, slider, ranges, history, session } = useDesk.getState()
  if (!undo) return undefined
  return {
    undo: { ...undo, past: [...undo.past], future: [...undo.future] },
    slider,
    ranges: new Map(ranges),
    history: [...history],
    session,
  }
}

/** The desk in use is kept where it is of another SAE: each has a desk of its own, for its features are no one else's. */
export function leaveFor(sae: string): void {
  const desk = deskNow()
  if (desk && desk.undo.now.sae !== sae) others.set(desk.undo.now.sae, desk)
}

/** The desk of an SAE as it was left, which is not kept any longer; undefined where it has none. */
export function takeDesk(sae: string): KeptDesk | undefined {
  const desk = others.get(sae)
  others.delete(sae)
  return desk
}

/** A session has another name, or is gone (null): on every desk it is open on. */
export function sessionNow(id: string, name: string | null): void {
  const renewed = <D extends Pick<Desk, 'session'>>(desk: D): D =>
    desk.session?.id === id ? { ...desk, session: name === null ? null : { ...desk.session, name } } : desk
  useDesk.setState((desk) => renewed(desk))
  for (const [sae, desk] of others) others.set(sae, renewed(desk))
}
