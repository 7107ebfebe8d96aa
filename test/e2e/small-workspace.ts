// A workspace for tests of features: the demo model, a small harvest of it, and an SAE that was not trained.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CLI } from '../helpers/built.ts'
import { demoLlama } from '../helpers/llama.ts'
import { smallPlace } from '../helpers/small-index.ts'

/** Runs a command on a workspace, through the app that has it open; what it prints as JSON. */
export async function command(workspace: string, ...args: readonly string[]): Promise<unknown> {
  const all = [CLI, '--workspace', workspace, '--json', ...args]
  const { stdout } = await promisify(execFile)(process.execPath, all)
  return JSON.parse(stdout)
}

/** Into the workspace of a running app: the demo model, a harvest of it, and an SAE whose directions were drawn by chance. */
export async function fillSmall(workspace: string): Promise<void> {
  const { hash } = (await command(workspace, 'import', demoLlama.folder)) as { hash: string }
  const { harvest } = await smallPlace(workspace)
  // the helper does not know the model's own
  const path = join(harvest, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { model: { hash: string } }
  manifest.model.hash = hash
  await writeFile(path, JSON.stringify(manifest))
}
