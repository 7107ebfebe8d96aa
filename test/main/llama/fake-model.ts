// A model for tests that needs no weights: its logits are a hash of the tokens so far, or what a script says comes next.
import type { Forwarder } from '../../../src/main/llama/generate.ts'
import type { Cache } from '../../../src/main/llama/cache.ts'
import { noise } from '../../../src/main/llama/noise.ts'
import type { Steering } from '../../../src/main/llama/steering.ts'
import { logSumOf } from '../../helpers/llama.ts'

interface FakeOptions {
  readonly vocabulary: number
  readonly positions?: number
  readonly eosIds?: readonly number[]
  /** What follows a prompt, whatever it is; random numbers that depend on all tokens otherwise. */
  readonly script?: readonly number[]
}

export function fakeModel({ vocabulary, positions = 64, eosIds = [], script }: FakeOptions) {
  const runs: { rows: number; tokens: number; steering: Steering | undefined }[] = []
  /** The tokens of each row, by the cache that stands for them. */
  const caches = new WeakMap<Cache, number[][]>()
  let prompt = 0
  const model: Forwarder = {
    positions,
    config: { vocabulary, eosIds },
    forward: ({ rows, tokens, ids, lengths }, { cache, logitsAt, steering }) => {
      runs.push({ rows, tokens, steering })
      if (!cache) prompt = tokens
      const before = cache && caches.get(cache)
      const rowsSoFar = Array.from({ length: rows }, (_, row) => [
        ...(before?.[row] ?? []),
        ...Array.from(ids.subarray(row * tokens, (row + 1) * tokens), Number),
      ])
      for (const [row, soFar] of rowsSoFar.entries()) {
        if (soFar.length !== lengths[row]) throw new Error(`Row ${row} has ${soFar.length} tokens.`)
        if (soFar.length > positions) throw new Error('Beyond the context.')
      }
      const logits = new Float32Array(logitsAt.length * vocabulary)
      for (const [index, at] of logitsAt.entries()) {
        const soFar = rowsSoFar[Math.floor(at / tokens)] ?? []
        const own = logits.subarray(index * vocabulary, (index + 1) * vocabulary)
        const next = script?.[soFar.length - prompt]
        const hash = soFar.reduce((sum, id) => (Math.imul(sum, 31) + id + 1) >>> 0, 7)
        own.forEach((_, id) => (own[id] = script ? (id === next ? 9 : 0) : 6 * noise(hash, 1, id)))
      }
      const after: Cache = { tokens: (cache?.tokens ?? 0) + tokens, tensors: {} }
      caches.set(after, rowsSoFar)
      const logSums = Float32Array.from(logitsAt, (_, index) =>
        logSumOf(logits.subarray(index * vocabulary, (index + 1) * vocabulary)),
      )
      return Promise.resolve({
        logits,
        logSums,
        cache: after,
        norms: new Float32Array(),
        residual: null,
        features: null,
      })
    },
  }
  return { model, runs }
}
