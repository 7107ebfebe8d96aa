// The checksums of an index: of every file of numbers one line, as the command sha256sum writes and checks them.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../store/atomic.ts'
import { sha256Of } from '../store/file-hash.ts'
import { CHECKSUMS } from './index-folder.ts'

/** Told the files that are done, of all; throws to end it. */
type OnFile = (done: number, total: number) => Promise<void>

/** Throws `disk/…`. */
export async function writeChecksums(folder: string, onFile: OnFile): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.arrow')).sort()
  const lines: string[] = []
  for (const [done, name] of names.entries()) {
    lines.push(`${await sha256Of(join(folder, name))}  ${name}\n`)
    await onFile(done + 1, names.length)
  }
  await writeFileAtomic(join(folder, CHECKSUMS), lines.join(''))
}

export interface Checked {
  /** Files that were compared; null where the index was made before there were checksums. */
  readonly files: number | null
  /** The first that is missing or another; null when all are as they were written. */
  readonly wrong: string | null
}

export async function checkFiles(folder: string, onFile: OnFile): Promise<Checked> {
  const text = await readFile(join(folder, CHECKSUMS), 'utf8').catch(() => null)
  if (text === null) return { files: null, wrong: null }
  const lines = text.split('\n').filter((line) => line !== '')
  for (const [done, line] of lines.entries()) {
    const [sha256, name = ''] = line.split('  ')
    const is = await sha256Of(join(folder, name)).catch(() => null)
    if (is !== sha256) return { files: lines.length, wrong: name }
    await onFile(done + 1, lines.length)
  }
  return { files: lines.length, wrong: null }
}
