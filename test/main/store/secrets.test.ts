// Secrets in a file: for the owner alone, kept apart, and never shown.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SecretFile } from '../../../src/main/store/secrets.ts'
import { toErrorData } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

describe('secrets', () => {
  it('lie in a file only their owner can read, also after somebody opened it', async () => {
    const folder = await temporaryFolder()
    const secrets = new SecretFile(folder)
    expect(await secrets.get('huggingface')).toBeNull()
    await secrets.set('huggingface', 'hf_x')
    await chmod(join(folder, 'secrets.json'), 0o644)
    expect(await secrets.get('huggingface')).toBe('hf_x')
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
    await secrets.delete('huggingface')
    expect(await secrets.get('huggingface')).toBeNull()
  })

  it('keep the others when one is set or deleted', async () => {
    const secrets = new SecretFile(await temporaryFolder())
    await secrets.set('a', '1')
    await secrets.set('b', '2')
    await secrets.delete('a')
    await secrets.delete('never there')
    expect([await secrets.get('a'), await secrets.get('b')]).toEqual([null, '2'])
  })

  it('in a damaged file are neither quoted nor overwritten', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'secrets.json')
    for (const content of ['{"huggingface": hf_secret', '["hf_secret"]']) {
      writeFileSync(path, content, { mode: 0o600 })
      const error: unknown = await new SecretFile(folder).set('a', '1').catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ kind: 'expected', code: 'secrets/damaged' })
      expect(JSON.stringify(toErrorData(error))).not.toContain('hf_secret')
      expect(readFileSync(path, 'utf8')).toBe(content)
    }
  })
})
