// Which matrices and vectors the quantised weights of a LLaMA are, and which tensors of the checkpoint make each.
import { EMBEDDING, HEAD, moduleOf, together } from '../architecture.ts'
import type { LlamaConfig } from '../config.ts'
import { commonForm, type Form } from './forms.ts'
import type { MatrixSource, Sources } from './sources.ts'

export interface MatrixPlan {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly form: Form
  /** One above the other. */
  readonly parts: readonly MatrixSource[]
}

export interface VectorPlan {
  readonly name: string
  readonly count: number
  read(): Promise<Float32Array>
}

export interface Plan {
  readonly matrices: readonly MatrixPlan[]
  readonly vectors: readonly VectorPlan[]
}

/** The one name of modules that read the same x. */
export function joinedName(module: string, parts: readonly string[]): string {
  return `${module}.${parts.join('+')}`
}

export function planOf(config: LlamaConfig, sources: Sources): Plan {
  const matrices: MatrixPlan[] = []
  const vectors: VectorPlan[] = []
  const matrix = (name: string, tensors: readonly string[]) => {
    const parts = tensors.map((tensor) => sources.matrix(tensor))
    const form = commonForm(parts.map((part) => part.form))
    const rows = parts.reduce((sum, part) => sum + part.rows, 0)
    matrices.push({ name, rows, columns: parts[0]!.columns, form, parts })
  }
  const vector = (name: string, tensors: readonly string[]) => {
    const parts = tensors.map((tensor) => sources.vector(tensor))
    const count = parts.reduce((sum, part) => sum + part.count, 0)
    const read = async () => {
      const all = new Float32Array(count)
      let at = 0
      for (const part of parts) {
        all.set(await part.read(), at)
        at += part.count
      }
      return all
    }
    vectors.push({ name, count, read })
  }
  const project = (module: string, parts: readonly string[], bias: boolean) => {
    const names = parts.map((part) => `${module}.${part}`)
    matrix(
      joinedName(module, parts),
      names.map((name) => `${name}.weight`),
    )
    if (bias) {
      vector(
        joinedName(module, parts),
        names.map((name) => `${name}.bias`),
      )
    }
  }
  matrix(moduleOf(EMBEDDING), [EMBEDDING])
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`
    for (const norm of [`${block}.input_layernorm`, `${block}.post_attention_layernorm`]) {
      vector(norm, [`${norm}.weight`])
    }
    project(`${block}.self_attn`, together.attentionIn, config.attentionBias)
    project(`${block}.self_attn`, together.attentionOut, config.attentionBias)
    project(`${block}.mlp`, together.mlpIn, config.mlpBias)
    project(`${block}.mlp`, together.mlpOut, config.mlpBias)
  }
  vector('model.norm', ['model.norm.weight'])
  if (!config.tiedHead) matrix(moduleOf(HEAD), [HEAD])
  return { matrices, vectors }
}
