// Checksums of a folder tree: one SHA-256 per file and one for the tree, in constant memory, resumable file by file.
import { createHash } from 'node:crypto'
import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { formatBytes } from '../../shared/units.ts'
import { sha256Of } from '../store/file-hash.ts'
import { explained } from '../store/io-error.ts'
import { ChecksumList } from './checksum-list.ts'
import { reasonOf, walk } from './file-tree.ts'
import { type JobContext, Stopped } from './job-runner.ts'

export async function checksumFolder(
  { folder }: JobParams<'checksum'>,
  context: JobContext,
): Promise<JobResult<'checksum'>> {
  const { log, progress } = context
  const total = await countBytes(folder, context)
  const partial = join(context.folder, 'checksums.partial')
  const list = await ChecksumList.open(partial)
  if (list.continues) log('info', 'Continuing where the last attempt stopped.')
  const tree = createHash('sha256')
  let files = 0
  let bytes = 0
  let skipped = 0
  // files may grow or vanish between counting and reading: the bar never runs past what was counted
  const show = (read: number) => progress.working('Hashing', 'bytes', Math.min(read, total), total)
  const skip = (path: string, reason: string) => {
    skipped++
    log('warn', `Left out ${path}: ${reason}.`)
  }

  try {
    show(0)
    for await (const entry of walk(folder)) {
      await context.checkpoint()
      if (entry.kind === 'skipped') {
        skip(entry.path, entry.reason)
        continue
      }
      let sha256 = await list.take(entry)
      if (sha256 === null) {
        try {
          sha256 = await sha256Of(join(folder, entry.path), (read) => {
            show(bytes + read)
            return context.checkpoint()
          })
        } catch (error) {
          if (error instanceof Stopped) throw error
          skip(entry.path, reasonOf(error))
          continue
        }
        await list.append({ path: entry.path, bytes: entry.bytes, modified: entry.modified, sha256 })
      }
      tree.update(`${sha256}  ${entry.path}\n`)
      files++
      bytes += entry.bytes
      show(bytes)
    }
    if (bytes !== total) log('warn', `The folder changed: ${total} bytes were counted, ${bytes} were hashed.`)
    show(total)
  } finally {
    await list.close()
  }

  const path = join(context.folder, 'checksums.jsonl')
  await explained(path, () => rename(partial, path))
  context.artifact({ kind: 'checksums', path, bytes: (await stat(path)).size })
  return { digest: tree.digest('hex'), files, bytes, skipped, path }
}

async function countBytes(folder: string, context: JobContext): Promise<number> {
  let files = 0
  let bytes = 0
  context.progress.measuring('Counting', 'files', 0)
  for await (const entry of walk(folder)) {
    if (entry.kind === 'skipped') continue
    files++
    bytes += entry.bytes
    context.progress.measuring('Counting', 'files', files)
    if (files % 256 === 0) await context.checkpoint()
  }
  context.log('info', `Found ${files} files with ${formatBytes(bytes)} in ${folder}.`)
  return bytes
}
