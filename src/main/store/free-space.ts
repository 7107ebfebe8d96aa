// Whether a disk has room for what is to come.
import { statfs } from 'node:fs/promises'
import { expected } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'

/** Bytes left free on the disk. */
const RESERVE = 64 * 1024 * 1024

/** Throws `disk/full` unless the disk of `folder` takes `bytes` more. */
export async function needSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize >= bytes + RESERVE) return
  throw expected(
    'disk/full',
    `${formatBytes(bytes + RESERVE)} are needed in ${folder}, and ${formatBytes(bavail * bsize)} are free.`,
    'Free some space and try again.',
  )
}
