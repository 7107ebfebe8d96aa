// Thousands of damaged headers: each is read or refused with one clear error, soon, and without memory it does not need.
import {
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { convertGguf } from '../../../src/main/llama/gguf/convert.ts'
import { readGgufHeader } from '../../../src/main/llama/gguf/header.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { readSafetensorsHeader } from '../../../src/main/llama/safetensors.ts'
import { MonoscopeError } from '../../../src/shared/errors.ts'
import { smallConfig, writeCheckpoint } from '../../helpers/checkpoint-folder.ts'
import { type Entry, ggufFile } from '../../helpers/gguf-file.ts'
import { damagedBytes, damagedText, dice } from '../../helpers/mutate.ts'
import { smallMetadata, smallTensors, tokens } from '../../helpers/small-gguf.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** The small model with a SentencePiece vocabulary. */
const pieces: Readonly<Record<string, Entry>> = {
  'tokenizer.ggml.model': ['text', 'llama'],
  'tokenizer.ggml.scores': ['list', 'float32', tokens.map((_, id) => -id)],
  'tokenizer.ggml.unknown_token_id': ['uint32', 8],
}

/** What one damaged file of a few kilobytes may take: a thousand times what is seen, for machines under load. */
const MAX_MILLISECONDS = 5000
/** And all of them together, beyond what the process had taken before. */
const MAX_GROWTH = 256 * 1024 * 1024

describe('damaged', { timeout: 120_000 }, () => {
  it('safetensors headers', async () => {
    const folder = await writeCheckpoint(await temporaryFolder())
    const path = join(folder, 'model.safetensors')
    const whole = readFileSync(path)
    const headerEnd = 8 + Number(whole.readBigUInt64LE())
    const text = whole.toString('utf8', 8, headerEnd)
    const outcome = await fuzz(2000, 1, async (roll) => {
      if (roll(2) === 0) {
        const header = Buffer.from(damagedText(text, roll))
        const length = Buffer.alloc(8)
        length.writeBigUInt64LE(BigInt(header.length))
        overwrite(path, Buffer.concat([length, header, whole.subarray(headerEnd)]))
      } else {
        overwrite(
          path,
          Buffer.concat([damagedBytes(whole.subarray(0, headerEnd), roll), whole.subarray(headerEnd)]),
        )
      }
      if (roll(10) === 0) truncateSync(path, roll(whole.length))
      await readSafetensorsHeader(path)
    })
    expect([...outcome.codes]).toEqual(
      expect.arrayContaining(['safetensors/malformed', 'checkpoint/bad-json', 'checkpoint/truncated']),
    )
    expect(outcome.refused).toBeGreaterThan(1500)
  })

  it('configurations and indexes', async () => {
    const folder = await writeCheckpoint(await temporaryFolder())
    const rope = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 }
    const config = JSON.stringify({ ...smallConfig, rope_scaling: rope, attention_bias: false })
    const index = JSON.stringify({
      metadata: {},
      weight_map: { a: 'model.safetensors', b: 'model-2.safetensors' },
    })
    const outcome = await fuzz(500, 2, async (roll) => {
      overwrite(join(folder, 'config.json'), Buffer.from(damagedText(config, roll)))
      await openCheckpoint(folder)
    })
    expect([...outcome.codes]).toEqual(
      expect.arrayContaining(['config/wrong', 'config/architecture', 'config/rope']),
    )
    const sharded = await temporaryFolder()
    writeFileSync(join(sharded, 'config.json'), JSON.stringify(smallConfig))
    const shards = await fuzz(400, 3, async (roll) => {
      overwrite(join(sharded, 'model.safetensors.index.json'), Buffer.from(damagedText(index, roll)))
      await openCheckpoint(sharded)
    })
    expect([...shards.codes]).toEqual(
      expect.arrayContaining(['checkpoint/bad-index', 'checkpoint/bad-json', 'disk/missing']),
    )
    expect(shards.refused).toBe(400)
  })

  it('GGUF headers and what they say', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'model.gguf')
    // below a file no folder can be made, so that what is left whole is planned but not written
    const nowhere = join(path, 'out')
    const sources: { header: Buffer; numbers: Buffer }[] = []
    for (const metadata of [smallMetadata(), smallMetadata({ ...pieces, 'tokenizer.ggml.merges': null })]) {
      const whole = ggufFile({ metadata, tensors: smallTensors() })
      writeFileSync(path, whole)
      const { tensors } = await readGgufHeader(path)
      const end = Math.min(...[...tensors.values()].map(({ offset }) => offset))
      sources.push({ header: whole.subarray(0, end), numbers: whole.subarray(end) })
    }
    const outcome = await fuzz(2000, 4, async (roll) => {
      const { header, numbers } = sources[roll(2)]!
      overwrite(path, Buffer.concat([damagedBytes(header, roll), numbers]))
      await convertGguf(path, nowhere)
    })
    // every file is refused, for the folder if for nothing else
    expect(outcome.refused).toBe(2000)
    expect([...outcome.codes]).toEqual(
      expect.arrayContaining([
        'gguf/malformed',
        'gguf/metadata',
        'gguf/type',
        'gguf/version',
        'config/architecture',
        'checkpoint/truncated',
        'checkpoint/missing-tensor',
        'disk/missing',
      ]),
    )
  })
})

/** Runs `times` seeded attempts; each may succeed or be refused, and nothing else. */
async function fuzz(
  times: number,
  seed: number,
  attempt: (roll: ReturnType<typeof dice>) => Promise<unknown>,
): Promise<{ readonly codes: ReadonlySet<string>; readonly refused: number }> {
  const codes = new Set<string>()
  let refused = 0
  const before = process.resourceUsage().maxRSS * 1024
  for (let index = 0; index < times; index++) {
    const began = performance.now()
    try {
      await attempt(dice(seed * 1_000_000 + index))
    } catch (error) {
      const known = error instanceof MonoscopeError && error.kind === 'expected'
      if (!known) throw new Error(`Attempt ${index} of seed ${seed} failed otherwise.`, { cause: error })
      codes.add(error.code)
      refused++
    }
    expect(performance.now() - began, `milliseconds of attempt ${index}`).toBeLessThan(MAX_MILLISECONDS)
  }
  expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(MAX_GROWTH)
  return { codes, refused }
}

/** In place: thousands of new files would take longer than reading them. */
function overwrite(path: string, bytes: Buffer): void {
  const file = openSync(path, 'a+')
  ftruncateSync(file)
  writeSync(file, bytes)
  closeSync(file)
}
