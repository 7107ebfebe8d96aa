// What steers a loaded model: the SAE that was asked for last, held against the model, and the session with its hook.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SteerPlace } from '../../shared/contract/compute-model.ts'
import type { Device } from '../../shared/devices.ts'
import { cancelled } from '../../shared/errors.ts'
import type { SteeredBatch, SteeredPrompt, SteeringEvent, SteeringFacts } from '../../shared/steering.ts'
import type { MeasureEvent, MeasureOrder, SweepEvent, SweepOrder } from '../../shared/steering-effect.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { type HookName, hookOf } from '../llama/hook.ts'
import { hashCheckpoint } from '../llama/library/library.ts'
import type { Llama, LlamaOptions } from '../llama/llama.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import { assertBelongs } from '../sae/belongs.ts'
import { readSaeFolder } from '../sae/exchange/read-sae.ts'
import { CONFIG } from '../sae/sae-folder.ts'
import { readRun } from '../sae/run-facts.ts'
import { Dictionary } from '../steering/dictionary.ts'
import { measure } from '../steering/measure.ts'
import { steeredRun } from '../steering/run.ts'
import { slotsOf } from '../steering/slots.ts'
import { sweep, type Workbench } from '../steering/sweep.ts'
import { measuredNorm } from '../steering/typical-norm.ts'
import type { HeldLlama, SessionSpec } from './held-llama.ts'

export interface SteererParts {
  /** How errors call the model. */
  readonly name: string
  readonly device: Device
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly held: HeldLlama
  /** Opens a session of the model with these, beside what every session of it has. */
  readonly open: (options: Pick<LlamaOptions, 'hook' | 'encoder'>) => Promise<Llama>
  /** The prompt's tokens, BOS included. */
  readonly tokensOf: (prompt: SteeredPrompt['prompt']) => number[]
}

/** An SAE that was read and found to be of this model. */
interface Loaded {
  /** Its folder, and when it was written. */
  readonly key: string
  readonly dictionary: Dictionary
  readonly hook: HookName
}

export class Steerer {
  readonly #parts: SteererParts
  #loaded: Promise<Loaded> | undefined
  #loading = ''
  /** Of the model itself, once it had to be computed. */
  #hash: Promise<string> | undefined
  readonly #norms = new Map<HookName, Promise<number>>()

  constructor(parts: SteererParts) {
    this.#parts = parts
  }

  async *run(
    place: SteerPlace,
    batch: SteeredBatch,
    signal: AbortSignal,
  ): AsyncGenerator<SteeringEvent, void> {
    const { tokenizer, tokensOf, held } = this.#parts
    const loaded = await this.#load(place, signal)
    const prompt = tokensOf(batch.prompt)
    const steeredPrompt = batch.steeredPrompt === undefined ? undefined : tokensOf(batch.steeredPrompt)
    const factsOf = (llama: Llama) => this.#facts(place, loaded, llama)
    yield* held.during(this.#spec(loaded), async function* (llama) {
      const facts = await factsOf(llama)
      const { pinned, sampling, stream, maxTokens, stop } = batch
      const slots = slotsOf(loaded.dictionary, facts.norm, { rows: [[], ...batch.rows], pinned })
      yield* steeredRun(
        llama,
        tokenizer,
        {
          ...{
            prompt,
            steeredPrompt,
            slots,
            pinned: pinned.length,
            sampling,
            stream,
            maxTokens,
            stop,
            facts,
          },
          special: steersSpecial(batch),
        },
        signal,
      )
    })
  }

  async *sweep(place: SteerPlace, order: SweepOrder, signal: AbortSignal): AsyncGenerator<SweepEvent, void> {
    const prompt = this.#parts.tokensOf(order.steeredPrompt ?? order.prompt)
    yield* this.#during(place, signal, (bench) => sweep(bench, order, prompt, steersSpecial(order)))
  }

  async *measure(
    place: SteerPlace,
    order: MeasureOrder,
    signal: AbortSignal,
  ): AsyncGenerator<MeasureEvent, void> {
    const prompts = order.prompts.map((text) => ({ text, ids: this.#parts.tokensOf(text) }))
    yield* this.#during(place, signal, (bench) => measure(bench, order, prompts, order.special ?? true))
  }

  async *#during<T>(
    place: SteerPlace,
    signal: AbortSignal,
    work: (bench: Workbench) => AsyncGenerator<T, void>,
  ): AsyncGenerator<T, void> {
    const { tokenizer: vocabulary, held } = this.#parts
    const loaded = await this.#load(place, signal)
    const factsOf = (llama: Llama) => this.#facts(place, loaded, llama)
    yield* held.during(this.#spec(loaded), async function* (model) {
      const facts = await factsOf(model)
      yield* work({ model, vocabulary, dictionary: loaded.dictionary, facts, signal })
    })
  }

  /** Sessions differ by hook; those with an encoder also by the SAE. */
  #spec({ key, dictionary, hook }: Loaded): SessionSpec {
    const encoder = dictionary.encoder(this.#parts.device)
    return {
      ...{ hook, encoder: encoder && key },
      open: () => this.#parts.open({ hook, ...(encoder && { encoder }) }),
    }
  }

  async #facts(place: SteerPlace, { dictionary, hook }: Loaded, llama: Llama): Promise<SteeringFacts> {
    const { name, tokenizer } = this.#parts
    let norm = this.#norms.get(hook)
    if (!place.norm && !norm) {
      norm = measuredNorm(llama, tokenizer)
      this.#norms.set(hook, norm)
      // what failed is tried again
      norm.catch(() => this.#norms.delete(hook))
    }
    return {
      ...{ model: name, hook, features: dictionary.sae.F, reads: dictionary.reads },
      norm: place.norm?.mean ?? (await norm!),
      normFrom: place.norm?.from ?? 'sample',
    }
  }

  /** The SAE of the place; the one before is let go. */
  async #load(place: SteerPlace, signal: AbortSignal): Promise<Loaded> {
    const written = await stat(join(place.sae, CONFIG)).catch(() => null)
    const key = `${place.sae} ${written?.mtimeMs}`
    const wanted = `${key} ${place.anyName}`
    if (wanted !== this.#loading) {
      this.#loading = wanted
      this.#loaded = this.#read(place, key)
      this.#loaded.catch(() => (this.#loading = ''))
    }
    const loaded = await this.#loaded!
    if (signal.aborted) throw cancelled()
    return loaded
  }

  async #read(place: SteerPlace, key: string): Promise<Loaded> {
    const { checkpoint, name } = this.#parts
    const { sae } = await readSaeFolder(place.sae)
    const run = await readRun(place.sae)
    const hook = hookOf(place.hook, checkpoint.config)
    // only a hash that will be compared is worth reading all weights for
    const hash = place.hash ?? (run ? await (this.#hash ??= hashCheckpoint(checkpoint.folder)) : '')
    assertBelongs(
      sae,
      run,
      { width: checkpoint.config.width, hook, name, modelHash: hash, hash },
      place.anyName,
    )
    return { key, hook, dictionary: new Dictionary(sae) }
  }
}

/** Unless it was said: in a text, and not in a chat. */
function steersSpecial({ special, prompt }: Pick<SteeredPrompt, 'special' | 'prompt'>): boolean {
  return special ?? typeof prompt === 'string'
}
