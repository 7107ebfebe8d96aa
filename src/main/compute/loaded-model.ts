// A checkpoint loaded for interactive work: its graph in a session, its tokenizer, its chat template, and what steers it.
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { Analysis, Completion, GenerationEvent, ModelPrecision } from '../../shared/generation.ts'
import type { ReadText } from '../../shared/features.ts'
import { CodeReader, type CodesOrder } from '../features/read-codes.ts'
import { hookOf } from '../llama/hook.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { analyse } from '../llama/analyse.ts'
import { ChatTemplate, noTemplate } from '../llama/chat.ts'
import { generate, type GenerationRow } from '../llama/generate.ts'
import { Llama, type LlamaOptions } from '../llama/llama.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { Tokenizer } from '../llama/tokenizer.ts'
import { HeldLlama } from './held-llama.ts'
import { Steerer, type SteererParts } from './steerer.ts'

export interface ModelOrder {
  /** The checkpoint. */
  readonly folder: string
  /** Where weights of few bits are kept; null for a checkpoint outside of workspaces. */
  readonly own: string | null
  /** How errors call it. */
  readonly name: string
  readonly device: UsableDevice
  readonly precision: ModelPrecision
}

export class LoadedModel {
  readonly steerer: Steerer
  readonly #name: string
  readonly #held: HeldLlama
  readonly #tokenizer: Tokenizer
  readonly #template: ChatTemplate | null
  readonly #reader: CodeReader
  readonly #checkpoint: Checkpoint
  readonly #open: SteererParts['open']

  /** Throws what opening its parts throws, or `models/not-imported`. */
  static async open({ folder, own, name, device, precision }: ModelOrder): Promise<LoadedModel> {
    const isNarrow = precision === 'int4'
    if (isNarrow && own === null) throw noPlace(name)
    const [checkpoint, tokenizer, template] = await Promise.all([
      openCheckpoint(folder),
      Tokenizer.open(folder),
      ChatTemplate.open(folder),
    ])
    const open = (options: Pick<LlamaOptions, 'hook' | 'encoder'>) =>
      Llama.open(checkpoint, {
        ...{ device, ...options },
        ...(isNarrow && own !== null && { precision, quantisedFolder: own }),
      })
    const held = new HeldLlama(() => open({}))
    // a model that cannot run is not loaded
    await held.with(null, () => Promise.resolve())
    return new LoadedModel({ name, device, checkpoint, tokenizer, held, open }, template)
  }

  private constructor(
    parts: Omit<SteererParts, 'tokensOf' | 'device'> & { readonly device: UsableDevice },
    template: ChatTemplate | null,
  ) {
    this.#name = parts.name
    this.#held = parts.held
    this.#tokenizer = parts.tokenizer
    this.#template = template
    this.#checkpoint = parts.checkpoint
    this.#open = parts.open
    this.#reader = new CodeReader(parts.tokenizer, parts.device)
    this.steerer = new Steerer({ ...parts, tokensOf: (prompt) => this.#tokensOf(prompt) })
  }

  /** All orders as one batch. */
  generate(orders: readonly Completion[], signal: AbortSignal): AsyncGenerator<GenerationEvent, void> {
    const rows = orders.map(({ prompt, ...order }): GenerationRow => ({
      ...order,
      prompt: this.#tokensOf(prompt),
    }))
    return this.#held.during(null, (llama) => generate(llama, this.#tokenizer, rows, { signal }))
  }

  analyse(text: string, signal: AbortSignal): Promise<Analysis> {
    return this.#held.with(null, (llama) => analyse(llama, this.#tokenizer, text, signal))
  }

  #tokensOf(prompt: Completion['prompt']): number[] {
    return this.#tokenizer.encodePrompt(this.#textOf(prompt)).ids
  }

  /** Throws `read/empty`, `hook/unknown`, and what reading the SAE throws. */
  codes({ hook: name, ...order }: CodesOrder & { readonly hook: string }): Promise<ReadText> {
    const hook = hookOf(name, this.#checkpoint.config)
    return this.#held.with({ hook, encoder: null, open: () => this.#open({ hook }) }, (llama) =>
      this.#reader.read(llama, order),
    )
  }

  #textOf(prompt: Completion['prompt']): string {
    if (typeof prompt === 'string') return prompt
    if (!this.#template) throw noTemplate(this.#name)
    return this.#template.render(prompt, this.#tokenizer)
  }
}

function noPlace(name: string) {
  return expected(
    'models/not-imported',
    `${name} is not a model of the workspace, which is where weights in int4 are kept.`,
    `Import it first, with --link to leave its files where they are: monoscope import ${name}`,
  )
}
