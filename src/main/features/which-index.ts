// Which finished index of an SAE is meant: that of a harvest, or where none is named the newest.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { indexesOf, MANIFEST } from './index-folder.ts'

/** `sae` is its folder, `harvest` an id, the beginning of one, or a path. Resolves to the index's folder. Throws `features/none`. */
export async function whichIndex(sae: string, harvest: string | undefined): Promise<string> {
  const names = await readdir(indexesOf(sae)).catch(() => [])
  const wanted = harvest === undefined ? '' : basename(harvest)
  const found = await Promise.all(
    names
      .filter((name) => !name.startsWith('.') && name.startsWith(wanted))
      .map(async (name) => {
        const path = join(indexesOf(sae), name)
        const written = await stat(join(path, MANIFEST)).catch(() => null)
        return written ? [{ path, exact: name === wanted, at: written.mtimeMs }] : []
      }),
  )
  const [first] = found.flat().sort((a, b) => Number(b.exact) - Number(a.exact) || b.at - a.at)
  if (first) return first.path
  throw expected(
    'features/none',
    `The SAE ${basename(sae)} has no finished index${harvest === undefined ? '' : ` on ${harvest}`}.`,
    `Index it: monoscope index --sae ${basename(sae)}`,
  )
}
