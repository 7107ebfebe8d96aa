// NuGet packages for tests: a zip with a manifest, made by hand, and a feed that serves one.
import { createHash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import { sendFile, serve } from './file-server.ts'

/** A zip archive; `damaged` entries keep the checksum of what they should hold. */
export function zip(entries: Readonly<Record<string, Buffer>>, damaged: readonly string[] = []): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const held = damaged.includes(name) ? Buffer.alloc(content.length) : content
    const packed = deflateRawSync(held)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, tail, Buffer.from(name)]),
    )
    parts.push(local)
    offset += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, listed, end])
}

/** A package as NuGet has it, with the provider's files. */
export function nupkg(
  files: Readonly<Record<string, Buffer>>,
  version: string,
  damaged: string[] = [],
): Buffer {
  const native = Object.entries(files).map(([name, content]) => [
    `runtimes/linux-x64/native/${name}`,
    content,
  ])
  const manifest = `<?xml version="1.0"?><package><metadata><id>X</id><version>${version}</version></metadata></package>`
  return zip(
    { 'X.nuspec': Buffer.from(manifest), ...(Object.fromEntries(native) as Record<string, Buffer>) },
    damaged.map((name) => `runtimes/linux-x64/native/${name}`),
  )
}

/** Serves `content` as the only package of a feed; `hash` is what the feed publishes, by default the right one. */
export async function serveFeed(
  content: Buffer,
  hash: string | null = createHash('sha512').update(content).digest('base64'),
): Promise<{ feed: string; asked: string[]; ranges: (string | undefined)[] }> {
  const asked: string[] = []
  const ranges: (string | undefined)[] = []
  const server = await serve((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const json = (value: unknown) => void response.end(JSON.stringify(value))
    if (path === '/v3/index.json') {
      return json({
        version: '3.0.0',
        resources: [
          { '@id': `${server.url}/flat/`, '@type': 'PackageBaseAddress/3.0.0' },
          ...(hash === null
            ? []
            : [{ '@id': `${server.url}/registration/`, '@type': 'RegistrationsBaseUrl' }]),
        ],
      })
    }
    if (path.startsWith('/registration/')) return json({ catalogEntry: `${server.url}/catalog/entry.json` })
    if (path.startsWith('/catalog/')) {
      return json({ packageHash: hash, packageHashAlgorithm: 'SHA512', packageSize: content.length })
    }
    if (!path.endsWith('.nupkg')) return void response.writeHead(404).end()
    ranges.push(request.headers.range)
    sendFile(content, request, response)
  })
  return { feed: `${server.url}/v3/index.json`, asked, ranges }
}
