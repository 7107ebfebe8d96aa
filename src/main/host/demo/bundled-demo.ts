// The demo that comes with Monoscope.
import { dirname } from 'node:path'
import { bundledFile } from '../../store/bundled.ts'

/** The path of a file of the demo ("model/config.json"); null where it was left out. */
export function demoFile(name: string): string | null {
  return bundledFile(`demo/${name}`)
}

/** The demo model's folder; null where it was left out. */
export function demoModel(): string | null {
  const config = demoFile('model/config.json')
  return config === null ? null : dirname(config)
}
