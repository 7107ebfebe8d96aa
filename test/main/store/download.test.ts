// Downloads from servers that cut, lie, redirect, refuse and throttle, and through a proxy.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { download } from '../../../src/main/store/download.ts'
import { needSpace } from '../../../src/main/store/free-space.ts'
import { requestJson } from '../../../src/main/store/http.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { sendCut, sendFile, serve, serveProxy } from '../../helpers/file-server.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const quick = { firstPause: 5, sha256 }

async function target() {
  const folder = await temporaryFolder()
  return { folder, path: join(folder, 'file') }
}

describe('a download', () => {
  it('arrives whole, says how far it is, and leaves nothing else behind', async () => {
    const { folder, path } = await target()
    const { url, asked } = await serve((request, response) => sendFile(content, request, response))
    const seen: [number, number | null][] = []
    const digests = await download(`${url}/file`, path, {
      ...quick,
      bytes: content.length,
      headers: { authorization: 'Bearer secret' },
      onProgress: (done, total) => seen.push([done, total]),
    })
    expect(digests).toMatchObject({ sha256, bytes: content.length })
    expect(await readFile(path)).toEqual(content)
    expect(await readdir(folder)).toEqual(['file'])
    expect(seen[0]).toEqual([0, content.length])
    expect(seen.at(-1)).toEqual([content.length, content.length])
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'accept-encoding': 'identity' })
  })

  it('continues where the server cut it, in the same call and in a later one', async () => {
    const { folder, path } = await target()
    const { url, asked } = await serve((request, response, count) =>
      count === 0
        ? sendCut(content.subarray(0, 100_000), content.length, response, { folder })
        : sendFile(content, request, response),
    )
    await download(url, path, quick)
    expect(asked[1]?.headers).toMatchObject({ range: 'bytes=100000-', 'if-range': '"one"' })
    expect(await readFile(path)).toEqual(content)

    const second = await target()
    await writeFile(`${second.path}.part`, content.subarray(0, 250_000))
    await writeFile(`${second.path}.part.json`, JSON.stringify({ url, validator: '"one"' }))
    await download(url, second.path, quick)
    expect(asked[2]?.headers.range).toBe('bytes=250000-')
  })

  it('starts over when the file changed meanwhile, and when the server ignores ranges', async () => {
    for (const answer of [
      (request: Parameters<typeof sendFile>[1], response: Parameters<typeof sendFile>[2]) =>
        sendFile(content, request, response, '"two"'),
      (_request: unknown, response: Parameters<typeof sendFile>[2]) =>
        void response.writeHead(200, { 'content-length': content.length }).end(content),
    ]) {
      const { path } = await target()
      const { url } = await serve(answer)
      await writeFile(`${path}.part`, randomBytes(100_000))
      await writeFile(`${path}.part.json`, JSON.stringify({ url, validator: '"one"' }))
      await download(url, path, quick)
      expect(await readFile(path)).toEqual(content)
    }
  })

  it('drops a part that the server answers with other bytes, or that is longer than the file', async () => {
    const { path } = await target()
    const { url } = await serve((request, response) => {
      if (request.headers.range === undefined) return sendFile(content, request, response)
      response.writeHead(206, { 'content-range': `bytes 0-9/${content.length}` }).end(content.subarray(0, 10))
    })
    await writeFile(`${path}.part`, randomBytes(100_000))
    await writeFile(`${path}.part.json`, JSON.stringify({ url, validator: '"one"' }))
    await download(url, path, quick)
    expect(await readFile(path)).toEqual(content)

    const honest = await serve((request, response) => sendFile(content, request, response))
    await writeFile(`${path}.part`, randomBytes(400_000))
    await writeFile(`${path}.part.json`, JSON.stringify({ url: honest.url, validator: '"one"' }))
    await download(honest.url, path, quick)
    expect(await readFile(path)).toEqual(content)
  })

  it('takes a part that is already complete', async () => {
    const { path } = await target()
    const { url } = await serve((request, response) => sendFile(content, request, response))
    await writeFile(`${path}.part`, content)
    await writeFile(`${path}.part.json`, JSON.stringify({ url, validator: '"one"' }))
    expect(await download(url, path, quick)).toMatchObject({ sha256 })
  })

  it('gives up on a server that always announces more than it sends, keeping what came', async () => {
    const { path } = await target()
    const { url, asked } = await serve((_request, response) => sendCut(Buffer.alloc(0), 1_000, response))
    await expect(download(url, path, quick)).rejects.toMatchObject({ code: 'network/unreachable' })
    expect(asked).toHaveLength(5)
    expect(existsSync(path)).toBe(false)
  })

  it('refuses another length than was promised before a byte is written, and more than that without one', async () => {
    const { path } = await target()
    const { url } = await serve((request, response) => sendFile(content, request, response))
    await expect(download(url, path, { ...quick, bytes: 5 })).rejects.toMatchObject({ code: 'download/size' })
    const endless = await serve((_request, response) => void response.end(content))
    await expect(download(endless.url, path, { ...quick, bytes: 5 })).rejects.toMatchObject({
      code: 'download/size',
    })
    expect(existsSync(path)).toBe(false)
  })

  it('removes what has another digest', async () => {
    const { folder, path } = await target()
    const { url } = await serve((request, response) => sendFile(Buffer.from('other'), request, response))
    await expect(download(url, path, quick)).rejects.toMatchObject({ code: 'download/checksum' })
    expect(await readdir(folder)).toEqual([])
  })

  it('keeps the file that is there when the new one fails', async () => {
    const { path } = await target()
    await writeFile(path, 'earlier')
    const { url } = await serve((_request, response) => void response.writeHead(404).end())
    await expect(download(url, path, quick)).rejects.toMatchObject({ code: 'network/missing' })
    expect(await readFile(path, 'utf8')).toBe('earlier')
  })

  it.each([
    [401, 'network/denied', 1],
    [403, 'network/denied', 1],
    [404, 'network/missing', 1],
    [407, 'network/proxy', 1],
    [429, 'network/busy', 5],
    [500, 'network/status', 5],
  ])('answers status %i with %s after %i tries', async (status, code, tries) => {
    const { path } = await target()
    const { url, asked } = await serve((_request, response) => void response.writeHead(status).end())
    await expect(download(url, path, quick)).rejects.toMatchObject({ code })
    expect(asked).toHaveLength(tries)
  })

  it('waits as long as a busy server asks, unless that is too long', async () => {
    const { path } = await target()
    const { url } = await serve((request, response, count) =>
      count === 0
        ? void response.writeHead(429, { 'retry-after': '1' }).end()
        : sendFile(content, request, response),
    )
    const began = performance.now()
    await download(url, path, quick)
    expect(performance.now() - began).toBeGreaterThan(950)
    const tomorrow = await serve(
      (_request, response) => void response.writeHead(503, { 'retry-after': '86400' }).end(),
    )
    await expect(download(tomorrow.url, path, quick)).rejects.toMatchObject({ code: 'network/status' })
    expect(tomorrow.asked).toHaveLength(1)
  })

  it('follows redirects without taking the token to another host, but not for ever', async () => {
    const { path } = await target()
    const far = await serve((request, response) => sendFile(content, request, response))
    const { url, asked } = await serve(
      (_request, response) => void response.writeHead(302, { location: `${far.url}/cdn` }).end(),
    )
    await download(url, path, { ...quick, headers: { authorization: 'Bearer secret' } })
    expect(asked[0]?.headers.authorization).toBe('Bearer secret')
    expect(far.asked[0]?.headers.authorization).toBeUndefined()
    const ring = await serve(
      (_request, response) => void response.writeHead(302, { location: '/again' }).end(),
    )
    await expect(download(ring.url, path, quick)).rejects.toMatchObject({ code: 'network/redirects' })
  })

  it('counts a silent server as cut, and stops at once when asked to, keeping the part', async () => {
    const { path } = await target()
    const { url } = await serve((request, response, count) => {
      if (count > 0) return sendFile(content, request, response)
      response.writeHead(200, { 'content-length': content.length, etag: '"one"' })
      response.write(content.subarray(0, 50_000))
    })
    await download(url, path, { ...quick, silence: 300 })
    expect(await readFile(path)).toEqual(content)

    const silent = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': content.length, etag: '"one"' })
      response.write(content.subarray(0, 50_000))
    })
    const second = await target()
    const abort = new AbortController()
    const stopped = download(silent.url, second.path, {
      ...quick,
      signal: abort.signal,
      onProgress: (done) => done > 0 && setTimeout(() => abort.abort(), 50),
    })
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' })
    expect(await readFile(`${second.path}.part`)).toEqual(content.subarray(0, 50_000))
  })

  it('says so where nobody answers, and when the disk is too small', async () => {
    const { folder, path } = await target()
    await expect(download('http://127.0.0.1:1/file', path, quick)).rejects.toMatchObject({
      code: 'network/unreachable',
    })
    await expect(download('ftp://host/file', path, quick)).rejects.toMatchObject({ code: 'network/address' })
    await expect(needSpace(folder, 1e18)).rejects.toMatchObject({ code: 'disk/full' })
  })
})

describe('a proxy of the environment', () => {
  it('carries plain requests, is left out for the hosts of NO_PROXY, and is named when it refuses', async () => {
    const proxy = await serveProxy()
    const { url } = await serve((_request, response) => void response.end('{"answer": 42}'))
    setEnvironment({ HTTP_PROXY: proxy.url, http_proxy: proxy.url, NO_PROXY: '', no_proxy: '' })
    expect(await requestJson(url)).toEqual({ answer: 42 })
    expect(proxy.seen).toEqual([`${url}/`])
    setEnvironment({ NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' })
    expect(await requestJson(url)).toEqual({ answer: 42 })
    expect(proxy.seen).toHaveLength(1)
  })

  it('is asked for a tunnel for https', async () => {
    const proxy = await serveProxy()
    setEnvironment({ HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: '', no_proxy: '' })
    // what answers there speaks no TLS; the tunnel is what counts
    const { url } = await serve((_request, response) => void response.end())
    await expect(requestJson(url.replace('http:', 'https:'))).rejects.toThrow()
    expect(proxy.seen).toEqual([`CONNECT ${new URL(url).host}`])
    const closed = await serve((_request, response) => void response.end())
    setEnvironment({ HTTPS_PROXY: closed.url, https_proxy: closed.url })
    await expect(requestJson('https://127.0.0.1:9/')).rejects.toMatchObject({ kind: 'expected' })
  })
})
