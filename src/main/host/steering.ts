// Steering as the host does it: finds SAE and model, has the model held, and lets later calls replace earlier ones.
import type { SteerPlace } from '../../shared/contract/compute-model.ts'
import { cancelled } from '../../shared/errors.ts'
import type { SteeredBatch, SteeringEvent, SteeringPlace } from '../../shared/steering.ts'
import type { MeasureEvent, MeasureOrder, SweepEvent, SweepOrder } from '../../shared/steering-effect.ts'
import { type ResolvedPlace, resolvePlace } from '../steering/place.ts'
import type { Workspace } from '../store/workspace.ts'
import type { ModelProcess } from './model-process.ts'
import type { Models } from './models.ts'
import type { ModelsEngine } from './models-engine.ts'

interface SteeringParts {
  readonly workspace: Workspace
  readonly models: Pick<Models, 'list'>
  readonly engine: ModelsEngine
}

/** How a request hears of what goes on. */
export interface SteeringListener<E> {
  /** It has to wait; `reason` is a sentence. */
  waiting(reason: string): void
  event(event: E): void
}

/** A request with the key by which a later one takes its place. */
export interface Replaceable {
  readonly replaces?: string | undefined
}

export class Steering {
  readonly #parts: SteeringParts
  readonly #running = new Map<string, AbortController>()

  constructor(parts: SteeringParts) {
    this.#parts = parts
  }

  /** Rejects as `resolvePlace` does. */
  resolve(place: Pick<SteeringPlace, 'sae' | 'model'>): Promise<ResolvedPlace> {
    return resolvePlace(place, this.#parts.workspace, this.#parts.models.list())
  }

  /** All of them reject when they fail, are cancelled, or the model was ended meanwhile. */
  run(
    place: SteeringPlace & Replaceable,
    batch: SteeredBatch,
    listener: SteeringListener<SteeringEvent>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#do(place, listener, signal, (process, found, until) =>
      process.stream('model.steer', { place: found, batch }, (event) => listener.event(event), until),
    )
  }

  sweep(
    place: SteeringPlace & Replaceable,
    order: SweepOrder,
    listener: SteeringListener<SweepEvent>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#do(place, listener, signal, (process, found, until) =>
      process.stream('model.sweep', { place: found, order }, (event) => listener.event(event), until),
    )
  }

  measure(
    place: SteeringPlace & Replaceable,
    order: MeasureOrder,
    listener: SteeringListener<MeasureEvent>,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#do(place, listener, signal, (process, found, until) =>
      process.stream('model.measure', { place: found, order }, (event) => listener.event(event), until),
    )
  }

  async #do(
    { anyName, precision, replaces, ...names }: SteeringPlace & Replaceable,
    listener: SteeringListener<never>,
    signal: AbortSignal,
    use: (process: ModelProcess, place: SteerPlace, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const own = new AbortController()
    if (replaces !== undefined) {
      this.#running.get(replaces)?.abort(cancelled('A later request took its place.'))
      this.#running.set(replaces, own)
    }
    try {
      const until = AbortSignal.any([signal, own.signal])
      const { sae, hook, model, norm } = await this.resolve(names)
      const place = { sae, hook, hash: model.hash, norm, anyName }
      const wanted = { model: model.id ?? model.folder, precision }
      await this.#parts.engine.with(
        wanted,
        (reason) => listener.waiting(reason),
        until,
        (process) => use(process, place, until),
      )
    } finally {
      if (replaces !== undefined && this.#running.get(replaces) === own) this.#running.delete(replaces)
    }
  }
}
