// A checkpoint loaded for interactive work: its graph in a session, its tokenizer, and its chat template if it has one.
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { Analysis, Completion, GenerationEvent, ModelPrecision } from '../../shared/generation.ts'
import type { ReadText } from '../../shared/features.ts'
import { CodeReader } from '../features/read-codes.ts'
import { hookOf } from '../llama/hook.ts'
import { analyse } from '../llama/analyse.ts'
import { ChatTemplate, noTemplate } from '../llama/chat.ts'
import { generate, type GenerationRow } from '../llama/generate.ts'
import { Llama } from '../llama/llama.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { Tokenizer } from '../llama/tokenizer.ts'

export interface ModelOrder {
  /** The checkpoint. */
  readonly folder: string
  /** Where weights of few bits are kept; null for a checkpoint outside of workspaces. */
  readonly own: string | null
  /** How errors call it. */
  readonly name: string
  readonly device: UsableDevice
  readonly precision: ModelPrecision
  /** Where the residual stream is read; null where nobody reads it. */
  readonly hook: string | null
}

export class LoadedModel {
  readonly #name: string
  readonly #llama: Llama
  readonly #tokenizer: Tokenizer
  readonly #template: ChatTemplate | null
  readonly #reader: CodeReader

  /** Throws what opening its parts throws, or `models/not-imported`. */
  static async open({ folder, own, name, device, precision, hook }: ModelOrder): Promise<LoadedModel> {
    const isNarrow = precision === 'int4'
    if (isNarrow && own === null) throw noPlace(name)
    const [checkpoint, tokenizer, template] = await Promise.all([
      openCheckpoint(folder),
      Tokenizer.open(folder),
      ChatTemplate.open(folder),
    ])
    const llama = await Llama.open(checkpoint, {
      device,
      ...(hook !== null && { hook: hookOf(hook, checkpoint.config) }),
      ...(isNarrow && own !== null && { precision, quantisedFolder: own }),
    })
    return new LoadedModel(name, llama, tokenizer, template, device)
  }

  private constructor(
    name: string,
    llama: Llama,
    tokenizer: Tokenizer,
    template: ChatTemplate | null,
    device: UsableDevice,
  ) {
    this.#name = name
    this.#reader = new CodeReader(llama, tokenizer, device)
    this.#llama = llama
    this.#tokenizer = tokenizer
    this.#template = template
  }

  /** All orders as one batch. */
  generate(orders: readonly Completion[], signal: AbortSignal): AsyncGenerator<GenerationEvent> {
    const rows = orders.map(({ prompt, ...order }): GenerationRow => ({
      ...order,
      prompt: this.#tokenizer.encodePrompt(this.#textOf(prompt)).ids,
    }))
    return generate(this.#llama, this.#tokenizer, rows, { signal })
  }

  analyse(text: string, signal: AbortSignal): Promise<Analysis> {
    return analyse(this.#llama, this.#tokenizer, text, signal)
  }

  /** Throws `read/empty`, and what reading the SAE throws. */
  codes(text: string, sae: string, features: readonly number[] | undefined): Promise<ReadText> {
    return this.#reader.read(text, sae, features)
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
