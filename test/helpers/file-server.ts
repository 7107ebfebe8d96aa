// A loopback HTTP server that hands out one file, well or badly, and a proxy that counts what goes through it.
import { readdirSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** Serves with `answer` (given how many requests came before) for one test. */
export async function serve(answer: Answer): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((incoming, response) => {
    asked.push(incoming)
    answer(incoming, response, asked.length - 1)
  })
  return { url: await listening(server), asked }
}

/** A server's way to send `content` with an ETag, honouring Range and If-Range. */
export function sendFile(
  content: Buffer,
  incoming: IncomingMessage,
  response: ServerResponse,
  etag = '"one"',
): void {
  const from = /^bytes=(\d+)-$/.exec(incoming.headers.range ?? '')?.[1]
  if (from === undefined || incoming.headers['if-range'] !== etag) {
    response.writeHead(200, { 'content-length': content.length, etag }).end(content)
    return
  }
  const start = Number(from)
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    return
  }
  const rest = content.subarray(start)
  response
    .writeHead(206, {
      'content-length': rest.length,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
      etag,
    })
    .end(rest)
}

/**
 * Announces `announced` bytes, sends the given ones and cuts the connection: with a `folder`, when a file below it has
 * them, because who is cut while they are on their way may lose them.
 */
export function sendCut(
  content: Buffer,
  announced: number,
  response: ServerResponse,
  { etag = '"one"', folder }: { readonly etag?: string; readonly folder?: string } = {},
): void {
  response.writeHead(200, { 'content-length': announced, etag })
  response.write(content, () => {
    const timer = setInterval(() => {
      if (folder !== undefined && !sizesBelow(folder).includes(content.length)) return
      clearInterval(timer)
      response.destroy()
    }, 20)
    response.on('close', () => clearInterval(timer))
  })
}

function sizesBelow(folder: string): number[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
    (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  )
}

/** A proxy for plain requests and CONNECT tunnels; `seen` lists where it was asked to go. */
export async function serveProxy(): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = []
  const server = createServer((incoming, response) => {
    seen.push(incoming.url ?? '')
    const { headers, method } = incoming
    const onward = request(incoming.url ?? '', { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.writeHead(502).end())
    incoming.pipe(onward)
  })
  server.on('connect', (incoming, socket, head) => {
    seen.push(`CONNECT ${incoming.url}`)
    const [host, port] = (incoming.url ?? '').split(':')
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      far.write(head)
      far.pipe(socket)
      socket.pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('error', () => far.destroy())
  })
  return { url: await listening(server), seen }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
