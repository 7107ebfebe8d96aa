// The one session a model process holds: opened anew for another hook or encoder, once nobody runs the one before.
import { Turns } from '../../shared/turns.ts'
import type { HookName } from '../llama/hook.ts'
import type { Llama } from '../llama/llama.ts'

/** How a session has to be opened. */
export interface SessionSpec {
  readonly hook: HookName
  /** Which encoder of all features it must have; null where it may have one or none, undefined where it must have none. */
  readonly encoder: string | null | undefined
  open(): Promise<Llama>
}

interface Held {
  readonly llama: Llama
  readonly hook: HookName | undefined
  readonly encoder: string | undefined
}

export class HeldLlama {
  readonly #plain: () => Promise<Llama>
  #held: Held | undefined
  #users = 0
  #onIdle: (() => void) | undefined
  readonly #turns = new Turns()

  /** `plain` opens a session without a hook. */
  constructor(plain: () => Promise<Llama>) {
    this.#plain = plain
  }

  /** Resolves with what `work` does; without a spec it takes whichever session is open. Rejects as opening does. */
  async with<T>(spec: SessionSpec | null, work: (llama: Llama) => Promise<T>): Promise<T> {
    const llama = await this.#take(spec)
    try {
      return await work(llama)
    } finally {
      this.#give()
    }
  }

  /** The same for what comes bit by bit; the session is kept until the last of it, or until it is left. */
  async *during<T>(
    spec: SessionSpec | null,
    work: (llama: Llama) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const llama = await this.#take(spec)
    try {
      yield* work(llama)
    } finally {
      this.#give()
    }
  }

  /** One after the other, so that who waits for another session is not overtaken again and again. */
  #take(spec: SessionSpec | null): Promise<Llama> {
    return this.#turns.next(async () => {
      const held = this.#held && fits(this.#held, spec) ? this.#held : await this.#reopened(spec)
      this.#users++
      return held.llama
    })
  }

  async #reopened(spec: SessionSpec | null): Promise<Held> {
    if (this.#users > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    // closed first: the weights of two would be held
    await this.#held?.llama.close()
    this.#held = undefined
    const llama = await (spec ? spec.open() : this.#plain())
    return (this.#held = { llama, hook: spec?.hook, encoder: spec?.encoder ?? undefined })
  }

  #give(): void {
    this.#users--
    if (this.#users === 0) this.#onIdle?.()
  }
}

function fits(held: Held, spec: SessionSpec | null): boolean {
  if (!spec) return true
  return held.hook === spec.hook && (spec.encoder === null || held.encoder === spec.encoder)
}
