// The files of the built page: only what lies inside its folder, with headers that let nothing else run.
import { readFile, realpath } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, isAbsolute, join, relative, sep } from 'node:path'

/** What the page may load and where it may connect; the same for every kind of host. */
export const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

export interface Asset {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export class Assets {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The file a request's path names, or null: unknown, of no known type, or outside the folder by any trick. */
  async find(url: string): Promise<Asset | null> {
    const path = decodedPath(url)
    if (path === null) return null
    const root = await realpath(this.#folder).catch(() => null)
    const file = root && (await realpath(join(root, path === '/' ? 'index.html' : path)).catch(() => null))
    if (!root || !file) return null
    const inside = relative(root, file)
    // another drive of Windows has no relative path
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return null
    const type = TYPES[extname(file)]
    const body = type && (await readFile(file).catch(() => null))
    if (!type || !body) return null
    // built files carry a hash in their name
    const lasting = inside.startsWith(`assets${sep}`)
    return {
      body,
      headers: {
        'content-type': type,
        'cache-control': lasting ? 'public, max-age=31536000, immutable' : 'no-store',
        'content-security-policy': PAGE_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      },
    }
  }

  /** Answers a GET or HEAD request. */
  async send(url: string, method: string, response: ServerResponse): Promise<void> {
    const asset = await this.find(url)
    if (!asset) {
      response.writeHead(404, { 'content-type': 'text/plain' })
      return void response.end('Not found')
    }
    response.writeHead(200, { ...asset.headers, 'content-length': asset.body.length })
    response.end(method === 'HEAD' ? undefined : asset.body)
  }
}

/** The decoded path of a URL; null when it holds what no file of ours has in its name. */
function decodedPath(url: string): string | null {
  try {
    const path = decodeURIComponent(url.split(/[?#]/)[0] ?? '')
    if (!path.startsWith('/') || /[\0\\]/.test(path)) return null
    return path.split('/').includes('..') ? null : path
  } catch {
    return null
  }
}
