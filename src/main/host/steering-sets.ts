// The prompts and lists of words to measure effects with that come with Monoscope (resources/steering-sets).
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SteeringSet, steeringSetSchema } from '../../shared/steering-sessions.ts'
import { bundledFile } from '../store/bundled.ts'

/** In the order of their files' names; none where they were left out. */
export async function steeringSets(): Promise<SteeringSet[]> {
  const folder = bundledFile('steering-sets')
  if (folder === null) return []
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  return Promise.all(
    names.map(async (name) =>
      steeringSetSchema.parse(JSON.parse(await readFile(join(folder, name), 'utf8'))),
    ),
  )
}
