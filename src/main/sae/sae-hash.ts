// By what an SAE is known again: the SHA-256 of its weights.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256Of } from '../store/file-hash.ts'
import { explained } from '../store/io-error.ts'
import { WEIGHTS } from './sae-folder.ts'

/** Of the file that SAELens calls so, else of the first safetensors file. Throws `disk/…`. */
export async function hashSae(folder: string): Promise<string> {
  const names = (await explained(folder, () => readdir(folder))).sort()
  const other = names.find((name) => name.endsWith('.safetensors'))
  const path = join(folder, names.includes(WEIGHTS) ? WEIGHTS : (other ?? WEIGHTS))
  return explained(path, () => sha256Of(path))
}
