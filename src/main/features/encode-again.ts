// A sample of an index's contexts, encoded again from the rows of the harvest.
import { join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { INDEX } from '../activations/harvest-folder.ts'
import { HarvestIndex } from '../activations/harvest-index.ts'
import { homeOf } from '../activations/shard-place.ts'
import { withShard } from '../activations/shard-reader.ts'
import { noise } from '../llama/noise.ts'
import { openEncoder } from '../sae/parted-encoder.ts'
import type { SaeParts } from '../sae/sae-parts.ts'
import type { RowCodes } from '../sae/sparse-encoder.ts'
import type { CodePiece } from './codes.ts'
import type { FeatureIndex } from './feature-index.ts'
import { wrong } from './index-wrong.ts'

export interface EncodeAgainOptions {
  readonly sae: SaeParts
  readonly harvest: { readonly folder: string; readonly manifest: HarvestManifest }
  readonly device: UsableDevice
  /** Told the contexts that are done; throws when it should stop. */
  onProgress(step: 'Encoding', done: number, total: number): Promise<void>
}

export interface EncodedAgain {
  /** Rows that were encoded again. */
  readonly recomputed: number
  /** Codes of them that are there only one way: where a feature is next to not firing, or two are next to equal. */
  readonly changed: number
  /** Largest difference of an activation, and that divided by the largest of its row. */
  readonly maxAbsDifference: number
  readonly maxRelDifference: number
}

/** Contexts that are encoded again, and the stream of noise that chooses them. */
const [SAMPLE, CHOSEN] = [16, 13]
/** Of a row's largest activation. */
const TOLERANCE = 2e-3
/** Share of the sample's codes that may be there only one way. */
const CHANGED = 0.01

/** Contexts that are chosen by the harvest's seed. Throws `verify/wrong`, and what opening files and device throws. */
export async function encodeAgain(
  index: FeatureIndex,
  { sae, harvest, device, onProgress }: EncodeAgainOptions,
): Promise<EncodedAgain> {
  const { shards, config } = harvest.manifest
  const { context, tokens } = index.contexts
  const encoder = await openEncoder(sae, device)
  const rowsIndex = HarvestIndex.open(join(harvest.folder, INDEX))
  const sum = { recomputed: 0, changed: 0, codes: 0, maxAbsDifference: 0, maxRelDifference: 0 }
  const turns = Math.min(SAMPLE, context.length)
  try {
    for (let turn = 0; turn < turns; turn++) {
      await onProgress('Encoding', turn, turns)
      const place = Math.floor(noise(config.seed, CHOSEN, turn) * context.length)
      const found = rowsIndex.context(context[place]!)
      if (!found) throw wrong(`The harvest has no context ${context[place]}.`)
      const { name, firstRow } = homeOf(shards, found.firstRow)
      const x = await withShard(join(harvest.folder, name), (shard) =>
        shard.activations(found.firstRow - firstRow, tokens[place]!),
      )
      const [is, must] = [await index.piece(place), await encoder.encode(x)]
      for (let row = 0; row < tokens[place]!; row++) {
        const { only, difference, largest } = compared(is, must, row)
        sum.recomputed++
        sum.changed += only
        sum.codes += must.starts[row + 1]! - must.starts[row]!
        sum.maxAbsDifference = Math.max(sum.maxAbsDifference, difference)
        if (largest > 0) sum.maxRelDifference = Math.max(sum.maxRelDifference, difference / largest)
        if (difference <= TOLERANCE * largest) continue
        throw wrong(
          `An activation at token ${row} of context ${context[place]} differs by ${difference} from what the SAE gives ` +
            `now, more than ${TOLERANCE} of the largest of its row, ${largest}.`,
        )
      }
    }
    await onProgress('Encoding', turns, turns)
  } finally {
    rowsIndex.close()
    await encoder.close()
  }
  const { codes, ...told } = sum
  if (sum.changed <= CHANGED * codes) return told
  throw wrong(`Of ${codes} codes that were computed again, ${sum.changed} are there only one way.`)
}

/** Two codes of one row, features ascending in both. */
function compared(is: Pick<CodePiece, keyof RowCodes>, must: RowCodes, row: number) {
  let [only, difference, largest] = [0, 0, 0]
  let [a, b] = [is.starts[row]!, must.starts[row]!]
  const [endA, endB] = [is.starts[row + 1]!, must.starts[row + 1]!]
  while (a < endA || b < endB) {
    const [left, right] = [a < endA ? is.features[a]! : Infinity, b < endB ? must.features[b]! : Infinity]
    if (left === right) {
      difference = Math.max(difference, Math.abs(is.values[a]! - must.values[b]!))
      largest = Math.max(largest, must.values[b]!)
    } else only++
    if (left <= right) a++
    if (right <= left) b++
  }
  return { only, difference, largest }
}
