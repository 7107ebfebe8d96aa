// How many sessions of the model a harvest runs side by side, and how much text each reads at once.
import { availableParallelism } from 'node:os'
import type { Device } from '../../shared/devices.ts'
import { memoryNeed, type Precision } from '../../shared/model-memory.ts'
import type { LlamaConfig } from '../llama/config.ts'

/**
 * Two threads that work on one small batch mostly wait for each other, and longer where text and writer want the cores
 * as well; two sessions never wait. Each holds the weights, which may have so many bytes.
 */
const LANES = 2
const MOST_WEIGHTS = 64e6

/** How many sessions there are, for the model up to a layer. */
export function laneCount(
  config: LlamaConfig,
  {
    layer,
    device,
    precision,
  }: { readonly layer: number; readonly device: Pick<Device, 'provider'>; readonly precision: Precision },
): number {
  const { weights } = memoryNeed({ ...config, layers: layer + 1, tiedHead: true }, precision)
  const suits = device.provider === 'cpu' && weights <= MOST_WEIGHTS && availableParallelism() >= LANES
  return suits ? LANES : 1
}

/** Tokens that a lane reads in one run: what it computes in between stays in the caches of a core. */
const RUN = 512

/** Contexts of so many tokens that a lane reads in one run. */
export function contextsOfRun(tokens: number): number {
  return Math.max(1, Math.floor(RUN / tokens))
}
