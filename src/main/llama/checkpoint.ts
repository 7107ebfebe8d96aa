// A LLaMA checkpoint as the rest of the app sees it: its architecture, where its weights lie, and its tokenizer's files.
import type { DataLocation } from '../onnx/graph.ts'
import type { LlamaConfig } from './config.ts'

/** One tensor of a checkpoint where it lies; `file` is relative to the checkpoint's `weightsFolder`, with "/". */
export interface WeightTensor extends DataLocation {
  readonly dtype: 'float32' | 'float16' | 'bfloat16'
  readonly shape: readonly number[]
}

export interface Checkpoint {
  /** Folder in which `config.json`, the tokenizer and the weights (or links to them) lie. */
  readonly folder: string
  /** Folder that really holds every weight file, with all links followed; what onnxruntime is told. */
  readonly weightsFolder: string
  readonly config: LlamaConfig
  /** By Hugging Face's names: "model.layers.0.self_attn.q_proj.weight". All that the architecture needs, checked. */
  readonly weights: ReadonlyMap<string, WeightTensor>
  /** Sum of the bytes of all weights. */
  readonly bytes: number
  /** Number of weights, a tied head counted once. */
  readonly parameters: number
}
