// Secrets in the system's key store, through Electron; the encrypted values lie in a file of the user's.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomic } from '../store/atomic.ts'
import type { SecretStore } from '../store/secrets.ts'
import type { Electron } from './electron.ts'

const contentSchema = z.record(z.string(), z.string())

/** Null where the system has no key store to speak of: then a file only its owner can read is the honest choice. */
export async function osSecrets(
  { safeStorage }: Pick<Electron, 'safeStorage'>,
  path: string,
): Promise<SecretStore | null> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return null
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null
  const read = async (): Promise<Record<string, string>> => {
    try {
      return contentSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    } catch {
      return {}
    }
  }
  const write = (secrets: Record<string, string>) =>
    writeFileAtomic(path, JSON.stringify(secrets), { mode: 0o600 })
  return {
    kind: 'os',
    get: async (name) => {
      const encrypted = (await read())[name]
      if (encrypted === undefined) return null
      try {
        return (await safeStorage.decryptStringAsync(Buffer.from(encrypted, 'base64'))).result
      } catch {
        // another user's or another machine's: as good as not set
        return null
      }
    },
    set: async (name, value) => {
      const encrypted = await safeStorage.encryptStringAsync(value)
      await write({ ...(await read()), [name]: encrypted.toString('base64') })
    },
    delete: async (name) => {
      const { [name]: _removed, ...rest } = await read()
      await write(rest)
    },
  }
}
