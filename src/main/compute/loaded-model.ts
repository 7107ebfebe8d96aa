// A checkpoint loaded for interactive work: its graph in a session, its tokenizer, and its chat template if it has one.
import type { UsableDevice } from '../../shared/devices.ts'
import type { Analysis, Completion, GenerationEvent } from '../../shared/generation.ts'
import { analyse } from '../llama/analyse.ts'
import { ChatTemplate, noTemplate } from '../llama/chat.ts'
import { generate, type GenerationRow } from '../llama/generate.ts'
import { Llama } from '../llama/llama.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { Tokenizer } from '../llama/tokenizer.ts'

export class LoadedModel {
  readonly #name: string
  readonly #llama: Llama
  readonly #tokenizer: Tokenizer
  readonly #template: ChatTemplate | null

  /** `name` is how errors call it. */
  static async open(folder: string, name: string, device: UsableDevice): Promise<LoadedModel> {
    const [checkpoint, tokenizer, template] = await Promise.all([
      openCheckpoint(folder),
      Tokenizer.open(folder),
      ChatTemplate.open(folder),
    ])
    return new LoadedModel(name, await Llama.open(checkpoint, { device }), tokenizer, template)
  }

  private constructor(name: string, llama: Llama, tokenizer: Tokenizer, template: ChatTemplate | null) {
    this.#name = name
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

  #textOf(prompt: Completion['prompt']): string {
    if (typeof prompt === 'string') return prompt
    if (!this.#template) throw noTemplate(this.#name)
    return this.#template.render(prompt, this.#tokenizer)
  }
}
