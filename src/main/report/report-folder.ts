// The folder of a finished report, as it is found and read.
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { type Report, reportManifestSchema } from '../../shared/report.ts'
import { folderBytes } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'

export const MANIFEST = 'manifest.json'
/** Bytes that are read at once. */
const PIECE = 1 << 20

/** All that are finished, the newest first; other folders are passed by. */
export async function listReports(reports: string): Promise<Report[]> {
  const names = await readdir(reports).catch(() => [])
  const found = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map((name) => lookAt(reports, name)),
  )
  return found.flatMap((report) => report ?? []).sort((a, b) => b.manifest.at - a.manifest.at)
}

async function lookAt(reports: string, id: string): Promise<Report | null> {
  const path = join(reports, id)
  try {
    const manifest = reportManifestSchema.parse(JSON.parse(await readFile(join(path, MANIFEST), 'utf8')))
    return { id, path, manifest, bytes: await folderBytes(path) }
  } catch {
    return null
  }
}

/** A piece of one of its files. Throws `report/no-file`, `disk/…`. */
export async function readPiece(
  { path, manifest }: Report,
  name: string,
  offset: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly total: number }> {
  if (!manifest.files.some((file) => file.name === name)) {
    throw expected('report/no-file', `This report has no file ${name}.`, 'Choose one of its formats.')
  }
  const full = join(path, name)
  return explained(full, async () => {
    const file = await open(full)
    try {
      const { size } = await file.stat()
      const bytes = new Uint8Array(Math.max(0, Math.min(PIECE, size - offset)))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
      return { bytes: bytes.subarray(0, bytesRead), total: size }
    } finally {
      await file.close()
    }
  })
}
