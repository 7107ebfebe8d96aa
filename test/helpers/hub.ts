// A loopback Hub with one repository, whose answers a test can spoil.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendFile, serve } from './file-server.ts'
import { sha256Hex } from './models.ts'

export const REPOSITORY = 'acme/tiny'
export const COMMIT = '0123456789abcdef0123456789abcdef01234567'

export interface HubOptions {
  readonly files: Readonly<Record<string, Buffer>>
  /** Names of files the Hub would keep in git, with git's id instead of a SHA-256. */
  readonly inGit?: readonly string[]
  readonly licence?: string
  /** Answers a request itself and returns true; `count` requests came before it. */
  readonly spoil?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
  /** What the listing says instead of the truth, by name. */
  readonly lies?: Readonly<Record<string, object>>
}

/** Serves for one test; `asked` lists the requests, in order. */
export async function serveHub(options: HubOptions): Promise<{ url: string; asked: IncomingMessage[] }> {
  const { files, spoil } = options
  return serve((request, response, count) => {
    if (spoil?.(request, response, count)) return
    const { pathname, search } = new URL(request.url ?? '', 'http://hub')
    if (pathname === `/api/models/${REPOSITORY}/revision/main` && search === '?blobs=true') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(listing(options)))
      return
    }
    const start = `/${REPOSITORY}/resolve/${COMMIT}/`
    const content = pathname.startsWith(start) ? files[pathname.slice(start.length)] : undefined
    if (content) sendFile(content, request, response)
    else response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end()
  })
}

function listing({ files, inGit = [], licence, lies = {} }: HubOptions): object {
  const siblings = Object.entries(files).map(([rfilename, content]) => {
    const kept = inGit.includes(rfilename)
      ? { blobId: gitId(content) }
      : {
          blobId: 'of the pointer',
          lfs: { sha256: sha256Hex(content), size: content.length, pointerSize: 134 },
        }
    return { rfilename, size: content.length, ...kept, ...lies[rfilename] }
  })
  return { id: REPOSITORY, sha: COMMIT, gated: false, siblings, cardData: { license: licence } }
}

function gitId(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}
