// The workspace's settings in memory, written through, and told to whoever watches.
import { issueText } from '../../shared/config.ts'
import { type Settings, settingsSchema } from '../../shared/contract/settings.ts'
import { expected } from '../../shared/errors.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import { readSettings, writeSettings } from '../store/settings-rows.ts'
import { Emitter } from './emitter.ts'

export class SettingsKeeper {
  readonly changed = new Emitter<Settings>()
  readonly #db: WriteDb
  readonly #path: string
  #current: Settings

  constructor(db: WriteDb, path: string) {
    this.#db = db
    this.#path = path
    this.#current = readSettings(db)
  }

  get current(): Settings {
    return this.#current
  }

  /** Changes the named settings; throws `settings/unknown`, `settings/value`, and changes nothing then. */
  set(changes: Readonly<Record<string, unknown>>): Settings {
    const valid = Object.entries(changes).map(([name, value]) => [name, parseSetting(name, value)] as const)
    this.#current = guarded(this.#path, () =>
      writeSettings(this.#db, Object.fromEntries(valid) as Partial<Settings>),
    )
    this.changed.emit(this.#current)
    return this.#current
  }
}

function parseSetting(name: string, value: unknown): unknown {
  const schema = Object.hasOwn(settingsSchema.shape, name) && settingsSchema.shape[name as keyof Settings]
  if (!schema) {
    const known = Object.keys(settingsSchema.shape).join(', ')
    throw expected('settings/unknown', `There is no setting "${name}".`, `The settings are ${known}.`)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw expected('settings/value', `${name}: ${issueText(parsed.error)}.`, 'Choose another value.')
  }
  return parsed.data
}
