// LLaMA as a graph: embedding, blocks, norm and head, with every hook open; what nobody asks for is left out when encoded.
import { attention } from '../../onnx/attention.ts'
import { Graph, type Value } from '../../onnx/graph.ts'
import { add, cast, mul, silu } from '../../onnx/ops/elementwise.ts'
import { rmsNorm } from '../../onnx/ops/normalise.ts'
import { gather } from '../../onnx/ops/select.ts'
import { repeat, reshape } from '../../onnx/ops/shape.ts'
import type { Lowering } from '../../../shared/devices.ts'
import { together } from '../architecture.ts'
import type { Checkpoint } from '../checkpoint.ts'
import type { HookName } from '../hook.ts'
import { rotaryTables } from './rope.ts'
import { inAllRows } from './rows.ts'
import type { QuantisedWeights as StoredQuantised } from '../quantised/file.ts'
import { QuantisedWeights } from './quantised-weights.ts'
import { type PlainOptions, PlainWeights } from './weights.ts'

export interface LlamaGraphOptions extends PlainOptions {
  readonly name: string
  /** Weights to take instead of the checkpoint's own; then the precision is float32. */
  readonly quantised?: StoredQuantised | undefined
  readonly lowering: Lowering
  /** Tokens a context may have. */
  readonly positions: number
  /** Whether earlier tokens come as a cache of keys and values, and whether runs may write into its room. */
  readonly cached: boolean | 'in place'
  /** R where `at` makes B rows of the R that are run, which are B, too, or one. */
  readonly rows?: 'R'
  /** Called where the data passes a hook, with the value there; what it gives goes on instead. */
  readonly at?: (hook: HookName, value: Value, graph: Graph) => Value
}

/** B rows, R rows before `at`, T tokens, P tokens in the cache, D width, H heads, G key heads, C head width, V vocabulary, L blocks. */
export interface LlamaGraph {
  readonly graph: Graph
  /** The values at the hooks, after `at`, each (B·T, D), or (R·T, D) before. */
  readonly hooks: ReadonlyMap<HookName, Value>
  /** The residual stream, each (B·T, D), or (R·T, D) before `at`: the embedding, then what each block leaves. */
  readonly streams: readonly Value[]
  /** The cache for the next tokens, by block, each (B, G, P+T, C), or (R, G, P+T, C) before `at`. */
  readonly present: readonly { readonly key: Value; readonly value: Value }[]
  /** Scores of the next token (rows, V) in float32, from the last stream at the flat indices (rows). */
  logits(at: Value): Value
}

/** Names of the inputs every LLaMA graph has. */
export const tokensInput = 'ids'
export const lengthsInput = 'lengths'
/** int32 (1): tokens in the cache and new ones together; where runs write in place. */
export const totalInput = 'total'
/** Name of a block's cache, as input and, with "present", as output. */
export const cacheName = (time: 'past' | 'present', layer: number, part: 'key' | 'value'): string =>
  `${time}_${layer}_${part}`

export function buildLlama(checkpoint: Checkpoint, options: LlamaGraphOptions): LlamaGraph {
  const { config } = checkpoint
  const { precision, quantised, looksUpNarrow, positions, cached, lowering, at, rows = 'B' } = options
  const graph = new Graph(options.name)
  const weights = quantised
    ? new QuantisedWeights(graph, quantised, config)
    : new PlainWeights(graph, checkpoint, { precision, looksUpNarrow })
  const ids = graph.input(tokensInput, 'int64', [rows, 'T'])
  /** Of what runs: its rows, and their lengths. */
  let batch: { readonly rows: 'B' | 'R'; readonly lengths: Value } = {
    rows,
    lengths: graph.input(lengthsInput, 'int32', [rows]),
  }
  const total = cached === 'in place' ? graph.input(totalInput, 'int32', [1]) : undefined
  const tables = rotaryTables(config, positions)
  const table = (name: 'cos' | 'sin') =>
    cast(graph.constant(name, 'float32', [positions, config.headWidth / 2], tables[name]), precision)
  const [cos, sin] = [table('cos'), table('sin')]
  const { width, heads, keyHeads, headWidth, attentionBias, mlpBias } = config

  const hooks = new Map<HookName, Value>()
  const pass = (hook: HookName, value: Value): Value => {
    const passed = at?.(hook, value, graph) ?? value
    hooks.set(hook, passed)
    if (passed.shape[0] !== value.shape[0]) batch = { rows: 'B', lengths: repeat(batch.lengths, 0, 'B') }
    return passed
  }
  const norm = (x: Value, module: string) => rmsNorm(x, weights.norm(module), config.normEpsilon)

  const attend = (x: Value, layer: number, module: string) => {
    const { parts, whole } = weights.project(x, module, together.attentionIn, attentionBias)
    const { rows, lengths } = batch
    const byRow = (flat: Value) => reshape(flat, [rows, 'T', flat.shape[1]!])
    const [query, key, value] = parts.map(byRow) as [Value, Value, Value]
    const past = (name: 'key' | 'value') =>
      graph.input(cacheName('past', layer, name), precision, [rows, keyHeads, 'P', headWidth])
    const { output, present: made } = attention(
      {
        ...{ query, key, value, packed: whole && byRow(whole) },
        ...(cached && { past: { key: past('key'), value: past('value') } }),
        ...{ total, lengths, cos, sin },
      },
      { heads, keyHeads },
      lowering,
    )
    present.push(made)
    const flat = reshape(output, [`${rows}*T`, heads * headWidth])
    return weights.project(flat, module, together.attentionOut, attentionBias).parts[0]!
  }
  const feedForward = (x: Value, module: string) => {
    const [gate, up] = weights.project(x, module, together.mlpIn, mlpBias).parts as [Value, Value]
    return weights.project(mul(silu(gate), up), module, together.mlpOut, mlpBias).parts[0]!
  }

  const join = (x: Value, added: Value) => add(batch.rows === 'B' ? inAllRows(x) : x, added)

  const present: LlamaGraph['present'][number][] = []
  let x = reshape(weights.embed(ids), [`${rows}*T`, width])
  const streams = [x]
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`
    x = pass(`blocks.${layer}.hook_resid_pre`, x)
    const attended = attend(norm(x, `${block}.input_layernorm`), layer, `${block}.self_attn`)
    x = join(x, pass(`blocks.${layer}.hook_attn_out`, attended))
    const fed = feedForward(norm(x, `${block}.post_attention_layernorm`), `${block}.mlp`)
    x = join(x, pass(`blocks.${layer}.hook_mlp_out`, fed))
    x = pass(`blocks.${layer}.hook_resid_post`, x)
    streams.push(x)
  }
  const last = x
  return {
    ...{ graph, hooks, streams, present },
    logits: (rows) => cast(weights.head(norm(gather(last, rows), 'model.norm')), 'float32'),
  }
}
