// What strangers can send without a token must not hurt the host: every case over a real socket.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { contract } from '../../../src/shared/contract/index.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { SocketPort } from '../../../src/shared/wire/socket-port.ts'
import { testHost } from '../../helpers/host.ts'

async function endpoint(options: { pingEvery?: number } = {}) {
  const { host, close } = await testHost({ endpoint: options })
  const { port, hash } = new URL(host.url)
  const token = hash.slice('#token='.length)
  return { port: Number(port), token, close, own: `127.0.0.1:${port}` }
}

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

/** The status line that answers these header lines. */
async function statusOf(port: number, ...lines: string[]): Promise<string> {
  const socket = dial(port)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString().split('\r\n')[0] ?? ''
}

const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='

function openWire(port: number, token: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/wire`, ['monoscope.1', `token.${token}`])
  const wire = new SocketPort(socket)
  onTestFinished(() => socket.terminate())
  return { socket, client: once(socket, 'open').then(() => new Client(contract, wire, { app: 'test' })) }
}

describe('a stranger', () => {
  it.each(['//', '///', '/\\', 'http://[', '*', '/?#', '//session'])(
    'asking for %s is answered, and the host lives on',
    async (path) => {
      const { port, own } = await endpoint()
      const status = await statusOf(port, `GET ${path} HTTP/1.1`, `Host: ${own}`)
      expect(status).toMatch(/^HTTP\/1\.1 40[0-9]/)
      const asked = await statusOf(port, `GET ${path} HTTP/1.1`, `Host: ${own}`, ...upgrade, key)
      expect(asked).toMatch(/^HTTP\/1\.1 40[0-9]/)
      expect(await statusOf(port, 'GET / HTTP/1.1', `Host: ${own}`)).toContain('404')
    },
  )

  it('who is refused and hangs up at once takes nobody along', async () => {
    const { port, own, token } = await endpoint()
    for (let round = 0; round < 50; round++) {
      const socket = dial(port)
      socket.write(['GET /wire HTTP/1.1', `Host: ${own}`, ...upgrade, key, '', ''].join('\r\n'))
      await once(socket, 'connect')
      socket.resetAndDestroy()
    }
    const client = await openWire(port, token).client
    expect((await client.call('host.describe', undefined)).kind).toBe('serve')
  })

  it('without a Host, or with a name that only looks right, is refused', async () => {
    const { port } = await endpoint()
    expect(await statusOf(port, 'GET /session HTTP/1.0')).toContain('403')
    for (const name of [
      `127.0.0.1.evil.example:${port}`,
      `evil.example#127.0.0.1:${port}`,
      `localhost:${port}.`,
      'localhost.:80',
      'localhost:',
      `user@localhost:${port}`,
      `127.0.0.2:${port}`,
      `0.0.0.0:${port}`,
    ])
      expect(await statusOf(port, 'GET /session HTTP/1.1', `Host: ${name}`), name).toContain('403')
    for (const name of [`localhost:${port}`, `[::1]:${port}`, `127.0.0.1:${port + 1}`, '127.0.0.1'])
      expect(await statusOf(port, 'GET /session HTTP/1.1', `Host: ${name}`), name).toContain('401')
  })

  it('gets no session without "Bearer", nor by anything but reading', async () => {
    const { port, own, token } = await endpoint()
    const ask = (method: string, authorization: string) =>
      statusOf(port, `${method} /session HTTP/1.1`, `Host: ${own}`, `Authorization: ${authorization}`)
    expect(await ask('GET', `Bearer ${token}`)).toContain('200')
    expect(await ask('GET', token)).toContain('401')
    expect(await ask('GET', `Basic ${token}`)).toContain('401')
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await ask(method, `Bearer ${token}`)).toContain('405')
  })
})

describe('peers', () => {
  it('of more than 64 the last is turned away', async () => {
    const { port, token } = await endpoint()
    const peers = Array.from({ length: 64 }, () => openWire(port, token))
    await Promise.all(peers.map(({ client }) => client))
    const { socket, client } = openWire(port, token)
    client.catch(() => undefined)
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(answer.statusCode).toBe(503)
  })

  it('that answer no ping are let go, others stay', async () => {
    const { port, token, own } = await endpoint({ pingEvery: 100 })
    const dead = dial(port)
    dead.write(
      [
        ...['GET /wire HTTP/1.1', `Host: ${own}`, ...upgrade, key],
        ...[`Sec-WebSocket-Protocol: monoscope.1, token.${token}`, '', ''],
      ].join('\r\n'),
    )
    dead.resume()
    const { socket, client } = openWire(port, token)
    await client
    await once(dead, 'close')
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(socket.readyState).toBe(WebSocket.OPEN)
  })

  it('hear why the host closes; one that does not listen does not hold it up', async () => {
    const { port, token, close } = await endpoint()
    const client = await openWire(port, token).client
    await client.opened
    const deaf = openWire(port, token)
    await deaf.client
    deaf.socket.pause()
    const began = Date.now()
    await close()
    expect(Date.now() - began).toBeLessThan(3_000)
    expect(await client.closed).toMatchObject({ code: 'host/closing' })
  })
})

it('an address this machine does not have is an expected error', async () => {
  const opening = testHost({ endpoint: { host: '203.0.113.7', allowRemote: true } })
  await expect(opening).rejects.toMatchObject({ kind: 'expected', code: 'serve/port' })
})
