// Where what comes with Monoscope lies: beside the sources, or among the resources of a packed app.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The path of a file of the demo ("model/config.json"); null where it was left out. */
export function demoFile(name: string): string | null {
  const { resourcesPath } = process as { resourcesPath?: string }
  const candidates = [
    fileURLToPath(new URL(`../../resources/demo/${name}`, import.meta.url)),
    fileURLToPath(new URL(`../../../resources/demo/${name}`, import.meta.url)),
    ...(resourcesPath === undefined ? [] : [join(resourcesPath, 'resources', 'demo', name)]),
  ]
  return candidates.find((path) => existsSync(path)) ?? null
}

/** The demo model's folder; null where it was left out. */
export function demoModel(): string | null {
  const config = demoFile('model/config.json')
  return config === null ? null : dirname(config)
}
