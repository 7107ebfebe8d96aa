// The SAEs of a workspace as their folders tell: which are finished, which are not, and what was found of each.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toErrorData } from '../../shared/errors.ts'
import type { SaeEntry } from '../../shared/saes.ts'
import { memberIds } from '../../shared/sae-sweep.ts'
import { folderBytes } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'
import { readSaeLensForm } from './exchange/saelens.ts'
import { readOrigin } from './exchange/import-sae.ts'
import { CONFIG, EVALUATION } from './sae-folder.ts'
import { readRun, type RunFacts } from './run-facts.ts'

export type FoundSae = Omit<SaeEntry, 'state'> & { readonly finished: boolean }

const nothingKnown = { problem: null, config: null, sweep: null, origin: null, done: null }

/** The newest first. Weights are not read. Throws `disk/…`. */
export async function scanSaes(saes: string): Promise<FoundSae[]> {
  const entries = await explained(saes, () => readdir(saes, { withFileTypes: true }))
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const found = await Promise.all(ids.map(({ name }) => lookAt(join(saes, name), name)))
  return found.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
}

function sweepOf(run: RunFacts | null): SaeEntry['sweep'] {
  if (!run?.sweep) return null
  return { ...run.sweep, members: memberIds(run.sweep.job, { sweep: run.sweep.of }) }
}

async function lookAt(path: string, id: string): Promise<FoundSae> {
  const bytes = await folderBytes(path)
  const written = await stat(join(path, CONFIG)).catch(() => null)
  if (!written) {
    const { birthtimeMs: at } = await stat(path)
    return { ...{ id, path, at, bytes }, ...nothingKnown, finished: false }
  }
  const common = { ...nothingKnown, id, path, at: written.mtimeMs, bytes, finished: true }
  try {
    const { form, metadata } = await readSaeLensForm(path)
    const run = await readRun(path)
    const origin = await readOrigin(path)
    const evaluation = await readFile(join(path, EVALUATION), 'utf8').then(
      (text) => JSON.parse(text) as { ceRecovered: number; kl: number },
      () => null,
    )
    const said = (key: string) => (typeof metadata[key] === 'string' ? metadata[key] : null)
    return {
      ...{ ...common, config: run?.config ?? null, origin, sweep: origin ? null : sweepOf(run) },
      done: {
        ...{ architecture: form.architecture, directions: form.D, features: form.F },
        ...{ model: said('model_name'), hook: said('hook_name') },
        validation: run?.validation ?? null,
        evaluation: evaluation && { ceRecovered: evaluation.ceRecovered, kl: evaluation.kl },
      },
    }
  } catch (error) {
    return { ...common, problem: toErrorData(error).message }
  }
}
