// The endpoint lets in who has the token and comes from the right place, and nobody else.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { contract } from '../../../src/shared/contract/index.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { SocketPort } from '../../../src/shared/wire/socket-port.ts'
import { testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

let base: URL
let token: string

beforeEach(async () => {
  const assets = join(await temporaryFolder(), 'page')
  await mkdir(join(assets, 'assets'), { recursive: true })
  await writeFile(join(assets, 'index.html'), '<!doctype html><title>Monoscope</title>')
  await writeFile(join(assets, 'assets', 'app-1a2b.js'), 'export {}')
  await writeFile(join(assets, '..', 'secret.json'), '{"token":1}')
  await symlink(join('..', 'secret.json'), join(assets, 'link.json'))
  const { host } = await testHost({ endpoint: { assets, frameBytes: 100_000 } })
  base = new URL(host.url)
  token = base.hash.slice('#token='.length)
})

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
}

/** A request with exactly this path and these headers; `fetch` would tidy both. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: base.port, path, headers, method }, (answer) => {
      let body = ''
      answer.on('data', (bytes: Buffer) => (body += bytes.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** The status a WebSocket is refused with, or 101. */
function upgrade(protocols: string[], headers: Record<string, string> = {}, path = '/wire'): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${base.port}${path}`, protocols, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.on('unexpected-response', (_request, answer) => {
      resolve(answer.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
}

describe('the wire', () => {
  it('opens with the token, for programs and for our own page', async () => {
    expect(await upgrade(['monoscope.1', `token.${token}`])).toBe(101)
    expect(await upgrade(['monoscope.1', `token.${token}`], { origin: base.origin })).toBe(101)
    const localhost = { host: `localhost:${base.port}`, origin: `http://localhost:${base.port}` }
    expect(await upgrade(['monoscope.1', `token.${token}`], localhost)).toBe(101)
  })

  it('opens to a page behind a tunnel that begins at another port, and to no other page', async () => {
    const right = ['monoscope.1', `token.${token}`]
    for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'localhost'])
      expect(await upgrade(right, { host, origin: `http://${host}` })).toBe(101)
    const elsewhere = { host: 'localhost:8080', origin: 'http://localhost:3000' }
    expect(await upgrade(right, elsewhere)).toBe(403)
    expect(await upgrade(right, { host: 'evil.example:8080', origin: 'http://evil.example:8080' })).toBe(403)
  })

  it('refuses a missing and a wrong token', async () => {
    expect(await upgrade(['monoscope.1'])).toBe(401)
    expect(await upgrade(['monoscope.1', 'token.wrong'])).toBe(401)
    expect(await upgrade(['monoscope.1', `token.${token.slice(0, -1)}`])).toBe(401)
  })

  it('refuses other origins, other host names, other protocols and other places', async () => {
    const right = ['monoscope.1', `token.${token}`]
    expect(await upgrade(right, { origin: 'http://evil.example' })).toBe(403)
    expect(await upgrade(right, { origin: 'null' })).toBe(403)
    expect(await upgrade(right, { origin: `http://127.0.0.1:${Number(base.port) + 1}` })).toBe(403)
    expect(await upgrade(right, { host: `evil.example:${base.port}` })).toBe(403)
    expect(await upgrade([`token.${token}`])).toBe(400)
    expect(await upgrade(right, {}, '/other')).toBe(404)
  })

  it('cuts off a peer that sends more than a frame may hold; others go on', async () => {
    const open = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${base.port}/wire`, ['monoscope.1', `token.${token}`])
      const port = new SocketPort(socket)
      await new Promise((resolve) => socket.once('open', resolve))
      return { socket, client: new Client(contract, port, { app: 'test' }) }
    }
    const [rude, polite] = [await open(), await open()]
    const closed = new Promise((resolve) => rude.socket.once('close', resolve))
    rude.socket.send(Buffer.alloc(200_000))
    expect(await closed).toBe(1009)
    expect((await polite.client.call('host.describe', undefined)).kind).toBe('serve')
    polite.client.close()
  })

  it('survives what is no HTTP at all', async () => {
    const socket = connect(Number(base.port), '127.0.0.1')
    socket.resume()
    socket.write('\u0000\u0001 nonsense\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect((await ask('/')).status).toBe(200)
  })
})

describe('the session check', () => {
  it('tells a right token from a wrong one', async () => {
    const right = await ask('/session', { authorization: `Bearer ${token}` })
    expect(right.status).toBe(200)
    expect(JSON.parse(right.body)).toEqual({ version: '0.0.0', protocol: 1, token })
    expect((await ask('/session', { authorization: 'Bearer x' })).status).toBe(401)
    expect((await ask('/session')).status).toBe(401)
  })
})

describe('the page', () => {
  it('comes with headers that let nothing else run', async () => {
    const { status, headers, body } = await ask('/')
    expect(status).toBe(200)
    expect(body).toContain('Monoscope')
    expect(headers['content-security-policy']).toContain("default-src 'self'")
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    expect(headers['access-control-allow-origin']).toBeUndefined()
    expect((await ask('/assets/app-1a2b.js')).headers['cache-control']).toContain('immutable')
  })

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/%2e%2e%2fsecret.json',
    '/assets/../../secret.json',
    '/..\\secret.json',
    '/link.json',
    '/index.html%00.json',
    '/%ff',
    '//etc/passwd',
    '/assets',
  ])('does not give %s', async (path) => {
    const { status, body } = await ask(path)
    expect(status).toBe(404)
    expect(body).not.toContain('token')
  })

  it('answers only to its own name, and only to reading', async () => {
    expect((await ask('/', { host: 'evil.example' })).status).toBe(403)
    expect((await ask('/', {}, 'POST')).status).toBe(405)
    expect((await ask('/', {}, 'HEAD')).body).toBe('')
  })
})

describe('opening the endpoint', () => {
  it('refuses addresses others can reach, unless told', async () => {
    await expect(testHost({ endpoint: { host: '0.0.0.0' } })).rejects.toMatchObject({ code: 'serve/remote' })
    const { host } = await testHost({ endpoint: { host: '0.0.0.0', allowRemote: true } })
    expect(host.url).toContain('http://127.0.0.1:')
  })

  it('names a port that is taken, and leaves the workspace free', async () => {
    const workspace = join(await temporaryFolder(), 'w')
    const port = Number(base.port)
    await expect(testHost({ workspace, endpoint: { port } })).rejects.toMatchObject({ code: 'serve/port' })
    const { host } = await testHost({ workspace })
    expect(host.workspace.path).toBe(workspace)
  })
})
