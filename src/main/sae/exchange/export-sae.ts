// Copies a finished SAE out of the workspace, as a folder that SAELens reads: weights and figures, not the checkpoints.
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import { copyFile } from '../../store/copy.ts'
import { needSpace } from '../../store/free-space.ts'
import { explained } from '../../store/io-error.ts'
import { CONFIG } from '../sae-folder.ts'
import { formatOf } from './read-sae.ts'

interface ExportWork {
  /** Bytes that are copied and checked, of all. */
  onProgress(done: number, total: number): void
  /** Called between pieces; throws when the work should stop. */
  checkpoint(): Promise<void>
}

/** What SQLite keeps beside a database that is open, and files that are not yet in their place. */
const passing = /-(?:wal|shm|journal)$|\.(?:part|tmp)$/

/**
 * `target` is made, or is an empty folder; it appears whole or not at all. Resolves with the bytes of its files.
 * Throws `export/…`, `sae/…`, `disk/…`.
 */
export async function exportSae(source: string, target: string, work: ExportWork): Promise<number> {
  const finished = (await stat(join(source, CONFIG)).catch(() => null)) !== null
  if (!finished || (await formatOf(source)) !== 'SAELens') {
    throw expected(
      'export/not-finished',
      `${source} holds no finished SAE.`,
      'Let its training end first; cancelled ones can be resumed.',
    )
  }
  await refuseFull(target, basename(source))
  const entries = await explained(source, () => readdir(source, { withFileTypes: true }))
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !passing.test(entry.name))
    .map(({ name }) => name)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(source, name))).size))
  const total = sizes.reduce((a, b) => a + b, 0)
  const staged = join(dirname(target), `.${basename(target)}.part`)
  await explained(dirname(target), () => mkdir(dirname(target), { recursive: true }))
  await explained(staged, () => rm(staged, { recursive: true, force: true }))
  await explained(staged, () => mkdir(staged))
  try {
    await needSpace(staged, total)
    let before = 0
    for (const [at, name] of names.entries()) {
      const size = sizes[at]!
      const show = (passes: number) => (bytes: number) => {
        // each byte is copied, then checked
        work.onProgress(Math.min(total, before + (passes + bytes) / 2), total)
        return work.checkpoint()
      }
      await copyFile(join(source, name), join(staged, name), { onCopied: show(0), onChecked: show(size) })
      before += size
    }
    await rmdir(target).catch(() => undefined)
    await explained(target, () => rename(staged, target))
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    throw error
  }
  return total
}

async function refuseFull(target: string, name: string): Promise<void> {
  const stats = await stat(target).catch(() => null)
  if (!stats) return
  const empty = stats.isDirectory() && (await explained(target, () => readdir(target))).length === 0
  if (empty) return
  throw expected(
    'export/not-empty',
    `${target} ${stats.isDirectory() ? 'is not empty' : 'is a file'}, and nothing is written over.`,
    `Name a folder that is not there yet, such as ${join(stats.isDirectory() ? target : dirname(target), name)}.`,
  )
}
