// The Hugging Face Hub's API, as far as fetching a model needs it: what a repository holds, and why it says no.
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { expected, MonoscopeError } from '../../../shared/errors.ts'
import type { HubAccess } from '../../../shared/hub.ts'
import { jsonOf, request } from '../../store/http.ts'
import { Passing, type Patience, patiently, refusal } from '../../store/patience.ts'
import { isSafeName } from '../model-files.ts'

export const hubFileSchema = z.object({
  name: z.string(),
  bytes: z.number().int().nonnegative(),
  /** Of a large file; null for one that is stored in git. */
  sha256: z.string().nullable(),
  /** Git's id of a file that is stored in git. */
  gitId: z.string().nullable(),
})
export type HubFile = z.infer<typeof hubFileSchema>

export const hubListingSchema = z.object({
  commit: z.string(),
  licence: z.string().nullable(),
  files: z.array(hubFileSchema),
})
export type HubListing = z.infer<typeof hubListingSchema>

const answerSchema = z.object({
  sha: z.string().regex(/^[\da-f]{7,64}$/i),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative().nullish(),
      blobId: z.string().nullish(),
      lfs: z.object({ sha256: z.string(), size: z.number().int().nonnegative() }).nullish(),
    }),
  ),
  cardData: z
    .object({ license: z.string().optional(), license_name: z.string().optional() })
    .nullish()
    .catch(null),
})

/** The files of `repository` at `revision`. Throws `hub/…` and `network/…`; `hub/name` for names that lead elsewhere. */
export async function listRepository(
  access: HubAccess,
  repository: string,
  revision: string,
  patience: Patience,
): Promise<HubListing> {
  const url = `${access.endpoint}/api/models/${pathOf(repository)}/revision/${encodeURIComponent(revision)}?blobs=true`
  const answer = await patiently(() => ask(url, access, repository, patience.signal), patience)
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) {
    throw expected(
      'hub/answer',
      `${new URL(url).host} does not answer as the Hugging Face Hub does.`,
      'Check the Hub endpoint on the Settings page.',
      parsed.error,
    )
  }
  const { sha, siblings, cardData } = parsed.data
  const files = siblings.map(({ rfilename: name, size, blobId, lfs }): HubFile => {
    if (!isSafeName(name)) throw unsafe(repository, name)
    const bytes = lfs?.size ?? size
    if (bytes == null) throw unsized(repository, name)
    return { name, bytes, sha256: lfs?.sha256 ?? null, gitId: lfs ? null : (blobId ?? null) }
  })
  // "other" is named beside it
  const licence = cardData?.license === 'other' ? cardData.license_name : cardData?.license
  return { commit: sha, licence: licence ?? null, files }
}

/** Where a file of `repository` lies at `commit`. */
export function fileUrl({ endpoint }: HubAccess, repository: string, commit: string, name: string): string {
  return `${endpoint}/${pathOf(repository)}/resolve/${commit}/${pathOf(name)}`
}

/** With the token where there is one; it is not sent in the clear but to this machine. */
export function headersOf({ endpoint, token }: HubAccess): Record<string, string> {
  if (token === null) return {}
  const { protocol, hostname } = new URL(endpoint)
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return protocol === 'https:' || isHere ? { authorization: `Bearer ${token}` } : {}
}

/** Why the Hub refuses `repository`, from its own words in the answer's headers; undefined when it is something else. */
export function explainRefusal(
  { endpoint, token }: HubAccess,
  repository: string,
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
): MonoscopeError | undefined {
  const code = headers['x-error-code']
  const said = String(headers['x-error-message'] ?? '')
  const where = 'Enter it on the Settings page under Hugging Face (or set HF_TOKEN), then resume.'
  const page = `${endpoint}/${repository}`
  if (code === 'RevisionNotFound') {
    return expected('hub/revision', `${repository} has no such revision.`, `Its revisions are on ${page}.`)
  }
  if (code === 'RepoNotFound' || statusCode === 404) {
    return expected(
      'hub/missing',
      `There is no model ${repository} on ${new URL(endpoint).host}, or it is private.`,
      `Check the spelling; a private one needs a token. ${where}`,
    )
  }
  if (statusCode !== 401 && statusCode !== 403) return undefined
  if (token === null) {
    return expected(
      'hub/licence',
      `${repository} is only given to those who have accepted its licence and show so with a token.`,
      `Accept it on ${page} and make a token on ${endpoint}/settings/tokens. ${where}`,
    )
  }
  if (/invalid/i.test(said) && code !== 'GatedRepo') {
    return expected(
      'hub/token',
      'The Hugging Face token is not valid.',
      `Make a new one on ${endpoint}/settings/tokens. ${where}`,
    )
  }
  return expected(
    'hub/licence',
    `The account of the Hugging Face token may not read ${repository}.`,
    `Accept its licence on ${page} (it can take a while until that is granted), and let the token read gated repositories. Then resume.`,
  )
}

async function ask(
  url: string,
  access: HubAccess,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  try {
    const response = await request(url, { headers: headersOf(access), ...(signal && { signal }) })
    if (response.statusCode === 200) return await jsonOf(response, url)
    response.destroy()
    const error = refusal(url, response)
    throw error instanceof Passing ? error : (explainRefusal(access, repository, response) ?? error)
  } catch (error) {
    if (error instanceof MonoscopeError && error.code === 'network/unreachable') throw new Passing(error)
    throw error
  }
}

function pathOf(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

function unsafe(repository: string, name: string): Error {
  return expected(
    'hub/name',
    `${repository} lists a file named ${JSON.stringify(name)}, which leads out of its folder.`,
    'Nothing was downloaded. Do not trust this source.',
  )
}

function unsized(repository: string, name: string): Error {
  return expected(
    'hub/answer',
    `The Hub does not say how long ${name} of ${repository} is.`,
    'Check the Hub endpoint on the Settings page; a mirror may leave it out.',
  )
}
