// SmolLM2 from its GGUF file against transformers, where the model and the reference are.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { convertGguf } from '../../../src/main/llama/gguf/convert.ts'
import { readGolden } from '../../../src/main/llama/golden.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { checkParity } from '../../../src/main/llama/parity.ts'
import { cpuWith } from '../../helpers/llama.ts'
import { smollmFile, smollmGolden } from '../../helpers/smollm2.ts'

test.skipIf(smollmFile === null || smollmGolden === null)(
  'SmolLM2 agrees with transformers over 30 blocks (needs its GGUF file and reference)',
  { timeout: 180_000 },
  async () => {
    const converted = await mkdtemp(join(tmpdir(), 'smollm2-'))
    onTestFinished(() => rm(converted, { recursive: true }))
    await convertGguf(smollmFile!, converted, {})
    const parity = await checkParity(await openCheckpoint(converted), await readGolden(smollmGolden!), {
      device: cpuWith('fused'),
    })
    expect(parity.maxRelHidden).toBeLessThan(2e-3)
    expect(parity.maxRelLogit).toBeLessThan(2e-3)
    expect(parity.greedyMatch).toBe(true)
  },
)
