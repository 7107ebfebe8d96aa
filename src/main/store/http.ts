// One HTTP request as downloads need it: through the environment's proxy, across redirects, with errors people understand.
import http from 'node:http'
import https from 'node:https'
import { cancelled, expected } from '../../shared/errors.ts'

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Milliseconds without a byte after which the server counts as gone. */
  readonly silence?: number
}

const REDIRECTS = 5
const SILENCE = 60_000
const JSON_LIMIT = 16 * 1024 * 1024

/**
 * Asks for `address` and resolves with the answer, whatever its status; its body is still to be read. Redirects are
 * followed, but never from https to http, and `authorization` stays with the first host. Throws `network/…`.
 */
export async function request(address: string, options: RequestOptions = {}): Promise<http.IncomingMessage> {
  let url = webAddress(address)
  const headers: Record<string, string> = { 'accept-encoding': 'identity', ...options.headers }
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    const response = await once(url, headers, options)
    const { statusCode = 0, headers: answer } = response
    if (![301, 302, 303, 307, 308].includes(statusCode) || answer.location === undefined) return response
    response.destroy()
    const next = webAddress(answer.location, url.href)
    if (url.protocol === 'https:' && next.protocol === 'http:') {
      throw expected(
        'network/insecure',
        `${url.host} redirects to the unprotected address ${next.href}.`,
        'Nothing was sent there. Check the address, and the network in between.',
      )
    }
    if (next.origin !== url.origin) delete headers.authorization
    url = next
  }
  throw expected(
    'network/redirects',
    `${address} redirects more than ${REDIRECTS} times.`,
    'Check the address.',
  )
}

/** The JSON document at `address`; throws `network/…` and, where the server says no, `network/status`. */
export async function requestJson(address: string, options: RequestOptions = {}): Promise<unknown> {
  const response = await request(address, options)
  if (response.statusCode === 200) return jsonOf(response, address)
  response.destroy()
  throw statusError(address, response.statusCode ?? 0)
}

/** The JSON in the body of an answer; throws `network/…`. */
export async function jsonOf(response: http.IncomingMessage, address: string): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > JSON_LIMIT)
        throw expected('network/answer', `${address} answers with too much.`, 'Check the address.')
      chunks.push(chunk)
    }
  } catch (error) {
    throw networkError(error, address)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown
  } catch (error) {
    throw expected('network/answer', `${address} does not answer with JSON.`, undefined, error)
  }
}

/** What a status other than success means for who asked. */
export function statusError(address: string, status: number): Error {
  const { host } = new URL(address)
  const said = `${host} answers ${status} (${http.STATUS_CODES[status] ?? 'unknown'}) to ${address}.`
  if (status === 401 || status === 403) {
    return expected('network/denied', said, 'It wants other credentials, or your network blocks it.')
  }
  if (status === 404 || status === 410) {
    return expected('network/missing', said, 'Check the address; a mirror may not carry it.')
  }
  if (status === 407) {
    return expected(
      'network/proxy',
      said,
      'The proxy wants a name and password: http://name:password@proxy:port.',
    )
  }
  if (status === 429) {
    return expected(
      'network/busy',
      said,
      'It answers so many requests in a time only; try again later. The Hugging Face Hub allows more to those with a token.',
    )
  }
  return expected('network/status', said, 'Try again later.')
}

/** `error` of a connection as one a person can act on. */
export function networkError(error: unknown, address: string): unknown {
  if (error instanceof Error && error.name === 'AbortError') return cancelled()
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string' || code.includes('/')) return error
  const { host } = new URL(address)
  if (code === 'ERR_PROXY_TUNNEL') {
    return expected(
      'network/proxy',
      `The proxy does not let ${host} through.`,
      'Check HTTPS_PROXY and NO_PROXY, and whether the proxy wants a name and password.',
      error,
    )
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return expected(
      'network/certificate',
      `The certificate of ${host} cannot be trusted (${code}).`,
      'Where the network has an authority of its own, name its file in NODE_EXTRA_CA_CERTS.',
      error,
    )
  }
  return expected(
    'network/unreachable',
    `${host} cannot be reached (${code}).`,
    'Check the connection; behind a proxy set HTTPS_PROXY (and HTTP_PROXY, NO_PROXY).',
    error,
  )
}

function once(
  url: URL,
  headers: Record<string, string>,
  { signal, silence = SILENCE }: RequestOptions,
): Promise<http.IncomingMessage> {
  const secure = url.protocol === 'https:'
  // an agent for each request: nothing stays open behind a finished download
  const options = { proxyEnv: proxyEnvironment(), keepAlive: false }
  const agent = secure ? new https.Agent(options) : new http.Agent(options)
  return new Promise((resolve, reject) => {
    const get = secure ? https.get : http.get
    const asked = get(url, { agent, headers, ...(signal && { signal }) }, resolve)
    asked.setTimeout(silence, () =>
      asked.destroy(Object.assign(new Error(`No byte in ${silence / 1000} s.`), { code: 'ETIMEDOUT' })),
    )
    asked.once('error', (error) => reject(networkError(error, url.href)))
  })
}

/** Throws where a proxy is asked for and this Node cannot use one, rather than going past it. */
function proxyEnvironment(): NodeJS.ProcessEnv {
  const { env } = process
  const wanted = env.HTTPS_PROXY ?? env.https_proxy ?? env.HTTP_PROXY ?? env.http_proxy
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (wanted && (major < 22 || (major === 22 && minor < 21) || (major === 24 && minor < 5))) {
    throw expected(
      'network/proxy',
      `Node ${process.versions.node} cannot use the proxy ${wanted}.`,
      'Run Monoscope with Node 24.5 or newer, or download the file yourself and name it.',
    )
  }
  return env
}

function webAddress(address: string, base?: string): URL {
  const url = URL.canParse(address, base) ? new URL(address, base) : null
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url
  throw expected('network/address', `"${address}" is no http or https address.`, 'Write it as https://….')
}
