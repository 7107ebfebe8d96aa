// SmolLM2-135M for optional tests: where MONOSCOPE_SMOLLM2 says its folder is, or beside the repository.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder =
  process.env.MONOSCOPE_SMOLLM2 ?? join(import.meta.dirname, '../../../shared/models/smollm2-135m-instruct')
const name = existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith('.gguf')) : undefined

/** Its GGUF file; null where it is not. */
export const smollmFile = name === undefined ? null : join(folder, name)

const reference = join(folder, '../../goldens/smollm2-135m-q4_1.safetensors')
/** What transformers makes of that file; null where it is not. */
export const smollmGolden = existsSync(reference) ? reference : null
