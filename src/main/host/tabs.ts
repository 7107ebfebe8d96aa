// Which browser tabs may come back after a restart: the port they look at, and the public key each proves itself with.
import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../store/atomic.ts'

const DAY = 24 * 60 * 60 * 1000
/** Milliseconds a tab is known after the last host that let it in was seen running. */
const LASTING = 7 * DAY
/** Milliseconds between two renewals while that host runs. */
const RENEWAL = DAY / 24
const MOST = 64

/** A public key on P-256 as its two coordinates, base64url, joined by a dot. */
const KEY = /^([\w-]{43})\.([\w-]{43})$/
const PROOF = /^([\w-]{43}\.[\w-]{43})\.([\w-]{86})$/

const fileSchema = z.object({
  port: z.number().int().min(1).max(65_535),
  /** Key → until when it is known, in milliseconds since the epoch; the one seen last comes last. */
  tabs: z.record(z.string().regex(KEY), z.number()),
})

/**
 * Nothing in the file is secret: a tab keeps its private key to itself and signs what this start made up. Keys count
 * at the port where they were let in and nowhere else, so that a program that took the port meanwhile gains nothing by
 * passing on what a tab signs for it.
 */
export class Tabs {
  /** What a tab signs; another at each start. */
  readonly challenge = randomBytes(32).toString('base64url')
  readonly #path: string
  /** Let in since this start. */
  readonly #present = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #port: number | undefined
  #until = new Map<string, number>()
  #saved: Promise<unknown> = Promise.resolve()

  private constructor(path: string, stored: z.infer<typeof fileSchema> | null) {
    this.#path = path
    this.#port = stored?.port
    const known = Object.entries(stored?.tabs ?? {}).filter(([, until]) => until > Date.now())
    this.#until = new Map(known)
    this.#timer = setInterval(() => void this.#renew(), RENEWAL).unref()
  }

  /** What the last host of this workspace left; an unreadable file counts as none. */
  static async open(workspace: string): Promise<Tabs> {
    const path = join(workspace, 'tabs.json')
    try {
      return new Tabs(path, fileSchema.parse(JSON.parse(await readFile(path, 'utf8'))))
    } catch {
      return new Tabs(path, null)
    }
  }

  /** Where the last host listened. */
  get port(): number | undefined {
    return this.#port
  }

  /** Remembers the port; at another one than before, every tab is forgotten. */
  async listenAt(port: number): Promise<void> {
    if (port !== this.#port) this.#until.clear()
    this.#port = port
    await this.#save()
  }

  /** Remembers a tab that came with the link. Anything that is no key is ignored. */
  async letIn(key: string): Promise<void> {
    if (!KEY.test(key)) return
    this.#present.add(key)
    await this.#renew()
  }

  /** The key of a known tab that signed the challenge; null for everything else. */
  proven(proof: string): string | null {
    const [, key = '', signature = ''] = PROOF.exec(proof) ?? []
    const [, x, y] = KEY.exec(key) ?? []
    if (x === undefined || y === undefined || (this.#until.get(key) ?? 0) < Date.now()) return null
    try {
      const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
      const signed = verify(
        'sha256',
        Buffer.from(this.challenge),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      )
      return signed ? key : null
    } catch {
      // no point of the curve
      return null
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renew()
  }

  #renew(): Promise<void> {
    for (const key of this.#present) {
      // moved to the end
      this.#until.delete(key)
      this.#until.set(key, Date.now() + LASTING)
    }
    this.#until = new Map([...this.#until].slice(-MOST))
    return this.#save()
  }

  /** Without it a tab only has to be given the link again, so a full disk stops nothing. */
  async #save(): Promise<void> {
    const write = () =>
      writeFileAtomic(
        this.#path,
        JSON.stringify({ port: this.#port, tabs: Object.fromEntries(this.#until) }),
        {
          mode: 0o600,
        },
      ).catch(() => undefined)
    this.#saved = this.#saved.then(write)
    await this.#saved
  }
}
