// The order for a harvest: of what it is made and where, and who is told how far it is.
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { HarvestSketch } from '../../shared/harvests.ts'
import type { HubAccess } from '../../shared/hub.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import type { HarvestTimes } from './harvest-times.ts'

export interface HarvestOrder {
  /** Where it is put; what an earlier attempt left there is continued. */
  readonly folder: string
  readonly config: HarvestConfig
  readonly model: { readonly name: string; readonly hash: string; readonly checkpoint: Checkpoint }
  readonly device: UsableDevice
  /** For a corpus on the Hub. */
  readonly hub: HubAccess | null
  /** About how many rows a shard has; the same through all attempts. */
  readonly shardRows?: number
}

export interface HarvestWork {
  /** Rows that are done, of those wanted. */
  onProgress(rows: number, wanted: number): void
  /** How it stands, about once a second. */
  onSketch?(sketch: HarvestSketch): void
  /** Called between two runs of the model; throws when the work should stop. */
  checkpoint(): Promise<void>
  /** Told at the end where the time went. */
  onTimes?(times: HarvestTimes): void
}
