// Secrets without a system key store: a file in the workspace that only its owner can read.
import { chmod, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { expected } from '../../shared/errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { ioError } from './io-error.ts'

/** Where the app keeps tokens; values never leave the host. */
export interface SecretStore {
  /** `os`: the system's key store; `file`: a file only its owner can read. */
  readonly kind: 'os' | 'file'
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
}

const OWNER_ONLY = 0o600
const contentSchema = z.record(z.string(), z.string())

export class SecretFile implements SecretStore {
  readonly kind = 'file'
  readonly #path: string

  constructor(workspace: string) {
    this.#path = join(workspace, 'secrets.json')
  }

  async get(name: string): Promise<string | null> {
    const secrets = await this.#read()
    return secrets[name] ?? null
  }

  async set(name: string, value: string): Promise<void> {
    await this.#write({ ...(await this.#read()), [name]: value })
  }

  async delete(name: string): Promise<void> {
    const { [name]: _removed, ...rest } = await this.#read()
    await this.#write(rest)
  }

  async #read(): Promise<Record<string, string>> {
    try {
      const { mode } = await stat(this.#path)
      // somebody copied or opened it up: close it again before it is used
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) await chmod(this.#path, OWNER_ONLY)
      return parse(await readFile(this.#path, 'utf8'), this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw ioError(error, this.#path)
    }
  }

  async #write(secrets: Record<string, string>): Promise<void> {
    await writeFileAtomic(this.#path, JSON.stringify(secrets), { mode: OWNER_ONLY })
  }
}

function parse(text: string, path: string): Record<string, string> {
  try {
    return contentSchema.parse(JSON.parse(text))
  } catch {
    // no cause: it would quote the file, and so a secret
    throw expected(
      'secrets/damaged',
      `${path} is damaged.`,
      'Nothing was changed. Correct it, or delete it and enter the secrets again.',
    )
  }
}
