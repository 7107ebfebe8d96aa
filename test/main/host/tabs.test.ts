// A tab that was let in once comes back after a restart by its key; nobody else does, and not for ever.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

let folder: string
let assets: string

beforeEach(async () => {
  folder = await temporaryFolder()
  assets = join(folder, 'page')
  await mkdir(assets)
})

async function start(workspace = 'w', port?: number) {
  const problems: unknown[] = []
  const { host, close } = await testHost({
    workspace: join(folder, workspace),
    onProblem: (problem) => problems.push(problem?.code),
    endpoint: { assets, ...(port !== undefined && { port }) },
  })
  const { origin, port: bound, hash } = new URL(host.url)
  return { origin, port: Number(bound), token: hash.slice('#token='.length), problems, close }
}
type Started = Awaited<ReturnType<typeof start>>

function newTab() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return { key: `${x}.${y}`, privateKey }
}
type Tab = ReturnType<typeof newTab>

interface Entry {
  readonly token?: string | null
  readonly challenge?: string
}

async function ask(at: Started, authorization: string, tab?: Tab): Promise<[status: number, entry: Entry]> {
  const headers = { authorization, ...(tab && { 'monoscope-tab': tab.key }) }
  const answer = await fetch(`${at.origin}/session`, { headers })
  return [answer.status, (await answer.json()) as Entry]
}

function signed(challenge: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(challenge), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

/** What a tab gets that only has its key. */
async function comeBack(at: Started, tab: Tab): Promise<string | null | undefined> {
  const [, { challenge = '' }] = await ask(at, 'Bearer old', tab)
  const [, { token }] = await ask(at, `Tab ${tab.key}.${signed(challenge, tab.privateKey)}`, tab)
  return token
}

describe('after a restart', () => {
  it('the port is the same, and a tab that was let in is let in again', async () => {
    const first = await start()
    const tab = newTab()
    expect((await ask(first, `Bearer ${first.token}`, tab))[0]).toBe(200)
    await first.close()
    const second = await start()
    expect(second.port).toBe(first.port)
    expect(second.token).not.toBe(first.token)
    expect((await ask(second, `Bearer ${first.token}`, tab))[0]).toBe(401)
    expect(await comeBack(second, tab)).toBe(second.token)
    await second.close()
    // and again, though it never had the second link
    const third = await start()
    expect(await comeBack(third, tab)).toBe(third.token)
  })

  it('a key that was never let in, a wrong signature and one for an earlier start are refused', async () => {
    const first = await start()
    const [known, stranger] = [newTab(), newTab()]
    const [, { challenge: old = '' }] = await ask(first, 'Bearer x')
    await ask(first, `Bearer ${first.token}`, known)
    await ask(first, 'Bearer wrong', stranger)
    await first.close()
    const second = await start()
    const [, { challenge = '' }] = await ask(second, 'Bearer x')
    expect(challenge).not.toBe(old)
    expect(await comeBack(second, stranger)).toBeNull()
    for (const proof of [
      `${known.key}.${signed(challenge, stranger.privateKey)}`,
      `${known.key}.${signed(old, known.privateKey)}`,
      `${known.key}.${'A'.repeat(86)}`,
      `${known.key}.`,
      `${'A'.repeat(43)}.${'A'.repeat(43)}.${'A'.repeat(86)}`,
      'nonsense',
    ])
      expect(await ask(second, `Tab ${proof}`), proof).toEqual([401, { token: null, challenge }])
  })

  it('a key is forgotten when its time is over', async () => {
    const first = await start()
    const tab = newTab()
    await ask(first, `Bearer ${first.token}`, tab)
    await first.close()
    const file = join(folder, 'w', 'tabs.json')
    const stored = JSON.parse(await readFile(file, 'utf8')) as { port: number; tabs: Record<string, number> }
    const days = ((stored.tabs[tab.key] ?? 0) - Date.now()) / (24 * 60 * 60 * 1000)
    expect(days).toBeGreaterThan(6.9)
    expect(days).toBeLessThanOrEqual(7)
    await writeFile(file, JSON.stringify({ ...stored, tabs: { [tab.key]: Date.now() - 1 } }))
    expect(await comeBack(await start(), tab)).toBeNull()
  })

  it('a key counts in its workspace and at its port only', async () => {
    const first = await start()
    const tab = newTab()
    await ask(first, `Bearer ${first.token}`, tab)
    await first.close()
    const other = await start('another', first.port)
    expect(await comeBack(other, tab)).toBeNull()
    // somebody else has the port now: what the tab signs there must not open the host where it is
    const moved = await start()
    expect(moved.port).not.toBe(first.port)
    expect(await comeBack(moved, tab)).toBeNull()
  })
})

describe('the file of tabs', () => {
  it('holds nothing secret, and is its owner’s', async () => {
    const host = await start()
    await ask(host, `Bearer ${host.token}`, newTab())
    const file = join(folder, 'w', 'tabs.json')
    expect(await readFile(file, 'utf8')).not.toContain(host.token)
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('keeps the newest 64', async () => {
    const host = await start()
    const tabs = Array.from({ length: 70 }, newTab)
    for (const tab of tabs) await ask(host, `Bearer ${host.token}`, tab)
    const { tabs: kept } = JSON.parse(await readFile(join(folder, 'w', 'tabs.json'), 'utf8')) as {
      tabs: Record<string, number>
    }
    expect(Object.keys(kept)).toEqual(tabs.slice(-64).map(({ key }) => key))
  })

  it('may be garbage, or gone: the host starts, at a free port', async () => {
    const first = await start()
    await first.close()
    await writeFile(join(folder, 'w', 'tabs.json'), '{"port":"x"')
    expect((await start()).port).toBeGreaterThan(0)
  })
})

it('a remembered port that is taken is left for a free one, and that is said; a named one is an error', async () => {
  const first = await start()
  await first.close()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(first.port, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  await expect(start('w', first.port)).rejects.toMatchObject({ code: 'serve/port' })
  const second = await start()
  expect(second.port).not.toBe(first.port)
  expect(second.problems).toEqual(['serve/port-taken'])
  expect(first.problems).toEqual([])
})
