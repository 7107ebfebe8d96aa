// Where what comes with Monoscope lies: beside the sources, or among the resources of a packed app.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The path of a file below `resources` ("demo/model/config.json"); null where it was left out. */
export function bundledFile(name: string): string | null {
  const { resourcesPath } = process as { resourcesPath?: string }
  const candidates = [
    fileURLToPath(new URL(`../../resources/${name}`, import.meta.url)),
    fileURLToPath(new URL(`../../../resources/${name}`, import.meta.url)),
    ...(resourcesPath === undefined ? [] : [join(resourcesPath, 'resources', name)]),
  ]
  return candidates.find((path) => existsSync(path)) ?? null
}
