// Where a NuGet feed keeps a package, and what it publishes of it: the address, the length, the SHA-512.
import { expected } from '../../../shared/errors.ts'
import type { ProviderSource } from './provider.ts'

export interface PublishedPackage {
  readonly url: string
  /** Hex; null where the feed publishes none. */
  readonly sha512: string | null
  readonly bytes: number | null
}

type GetJson = (url: string) => Promise<unknown>

/**
 * Finds `source` in its feed. Throws what `getJson` throws, `cuda/feed` when the address is no feed, and
 * `cuda/insecure-feed` where anybody on the way could change what comes and no digest is `pinned`.
 */
export async function findPackage(
  { package: name, version, feed }: ProviderSource,
  getJson: GetJson,
  pinned: boolean,
): Promise<PublishedPackage> {
  const resources = resourcesOf(feed, await getJson(feed))
  const base = resources.find(({ type }) => type.startsWith('PackageBaseAddress/'))?.url
  if (base === undefined) throw noFeed(feed)
  const id = name.toLowerCase()
  const url = join(base, `${id}/${version}/${id}.${version}.nupkg`)
  for (const address of [feed, url]) {
    const { protocol, hostname } = new URL(address)
    if (protocol === 'https:' || pinned || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) continue
    throw expected(
      'cuda/insecure-feed',
      `${address} is not protected: anybody on the way could change the provider.`,
      'Use an https address, or give the SHA-256 the package must have.',
    )
  }
  return { url, ...(await published(resources, `${id}/${version}.json`, getJson)) }
}

interface Resource {
  readonly type: string
  readonly url: string
}

function resourcesOf(feed: string, index: unknown): Resource[] {
  const { resources } = (index ?? {}) as { resources?: unknown }
  if (!Array.isArray(resources)) throw noFeed(feed)
  return (resources as Record<string, unknown>[]).flatMap((resource) => {
    const { '@id': url, '@type': type } = resource
    return typeof url === 'string' && typeof type === 'string' && URL.canParse(url) ? { type, url } : []
  })
}

/** Length and hash from the package's catalog entry; nulls where a feed has none, as many mirrors. */
async function published(
  resources: readonly Resource[],
  leaf: string,
  getJson: GetJson,
): Promise<Pick<PublishedPackage, 'sha512' | 'bytes'>> {
  // the other kinds of registrations are compressed, or leave packages out
  const base = resources.find(({ type }) => type === 'RegistrationsBaseUrl')?.url
  if (base === undefined) return { sha512: null, bytes: null }
  try {
    let { catalogEntry } = (await getJson(join(base, leaf))) as { catalogEntry?: unknown }
    if (typeof catalogEntry === 'string') catalogEntry = await getJson(catalogEntry)
    const { packageHash, packageHashAlgorithm, packageSize } = (catalogEntry ?? {}) as Record<string, unknown>
    const hash = typeof packageHash === 'string' ? Buffer.from(packageHash, 'base64') : Buffer.alloc(0)
    return {
      sha512: packageHashAlgorithm === 'SHA512' && hash.length === 64 ? hash.toString('hex') : null,
      bytes: typeof packageSize === 'number' ? packageSize : null,
    }
  } catch (error) {
    if ((error as { kind?: unknown }).kind === 'cancelled') throw error
    return { sha512: null, bytes: null }
  }
}

function join(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}/${path}`
}

function noFeed(feed: string): Error {
  return expected(
    'cuda/feed',
    `${feed} is not the index of a NuGet feed.`,
    'It usually ends in "/v3/index.json"; or give a package on disk.',
  )
}
