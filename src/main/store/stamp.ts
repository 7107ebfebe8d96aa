// By what it is seen that a file is the one that was read before.
import { stat } from 'node:fs/promises'

/** Another one when the file is another, or gone. */
export async function stampOf(path: string): Promise<string> {
  const stats = await stat(path).catch(() => null)
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'gone'
}
