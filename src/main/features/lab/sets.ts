// The sets of prompts of a workspace, and those that come with Monoscope.
import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { expected } from '../../../shared/errors.ts'
import {
  type ListedSet,
  promptFile,
  promptFileSchema,
  type PromptSet,
  promptSetSchema,
} from '../../../shared/prompt-lab.ts'
import { parseBoundedJson } from '../../llama/bounded-json.ts'
import { bundledFile } from '../../store/bundled.ts'
import { guarded, type WriteDb } from '../../store/database.ts'

const STARTER = 'starter:'
const starters = ['clinical-study', 'emotion-words', 'code', 'parallel-en-es']
const FILE_LIMITS = { depth: 6, values: 50_000 }

interface Row {
  readonly id: string
  readonly content: string
}

interface Known {
  readonly listed: ListedSet
  readonly set: PromptSet
}

export class PromptSets {
  readonly #db: WriteDb
  readonly #path: string
  #starters: Promise<readonly Known[]> | undefined

  /** `path` is how errors call the database. */
  constructor(db: WriteDb, path: string) {
    this.#db = db
    this.#path = path
  }

  /** Those that come with Monoscope first, then the others by name. */
  async list(): Promise<ListedSet[]> {
    return [...(await this.#bundled()), ...this.#own()].map(({ listed }) => listed)
  }

  /** Throws `lab/no-set`. */
  async get(id: string): Promise<Known> {
    const found = [...(await this.#bundled()), ...this.#own(id)].find(({ listed }) => listed.id === id)
    if (!found) throw noSet()
    return found
  }

  /** A new one without `id`. Throws `lab/no-set`, `lab/starter`. */
  save(id: string | null, set: PromptSet): ListedSet {
    if (id !== null) this.#mine(id)
    const at = id ?? randomUUID()
    guarded(this.#path, () =>
      this.#db
        .prepare('INSERT OR REPLACE INTO prompt_set (id, name, content) VALUES (?, ?, ?)')
        .run(at, set.name, JSON.stringify(set)),
    )
    return listedOf(at, set)
  }

  async duplicate(id: string): Promise<ListedSet> {
    const { set } = await this.get(id)
    return this.save(null, { ...set, name: `${set.name.slice(0, 110)} (copy)` })
  }

  remove(id: string): void {
    this.#mine(id)
    guarded(this.#path, () => this.#db.prepare('DELETE FROM prompt_set WHERE id = ?').run(id))
  }

  /** Throws `lab/bad-file`. */
  import(text: string): ListedSet {
    return this.save(null, parsePromptFile(Buffer.from(text)))
  }

  #mine(id: string): void {
    if (id.startsWith(STARTER)) {
      throw expected(
        'lab/starter',
        'This set comes with Monoscope and cannot be changed.',
        'Duplicate it first.',
      )
    }
    if (this.#own(id).length === 0) throw noSet()
  }

  #own(id: string | null = null): Known[] {
    const rows = guarded(this.#path, () =>
      this.#db
        .prepare<[string | null, string | null], Row>(
          'SELECT id, content FROM prompt_set WHERE ? IS NULL OR id = ? ORDER BY name, id',
        )
        .all(id, id),
    )
    return rows.map((row) => {
      const set = promptSetSchema.parse(JSON.parse(row.content))
      return { set, listed: listedOf(row.id, set) }
    })
  }

  #bundled(): Promise<readonly Known[]> {
    this.#starters ??= Promise.all(starters.map(readStarter)).then((found) => found.flat())
    return this.#starters
  }
}

/** A set from a file. Throws `lab/bad-file`. */
export function parsePromptFile(bytes: Uint8Array): PromptSet {
  let value: unknown
  try {
    value = parseBoundedJson(bytes, { source: 'the file', ...FILE_LIMITS })
  } catch (error) {
    throw badFile(error instanceof Error ? error.message : String(error))
  }
  const parsed = promptFileSchema.safeParse(value)
  if (!parsed.success) throw badFile(z.prettifyError(parsed.error).slice(0, 500))
  // a pair may lack a language, which only the set itself tells
  const set = promptSetSchema.safeParse(parsed.data)
  if (!set.success) throw badFile(z.prettifyError(set.error).slice(0, 500))
  return set.data
}

async function readStarter(name: string): Promise<Known[]> {
  const path = bundledFile(`prompt-sets/${name}.json`)
  if (path === null) return []
  const set = parsePromptFile(await readFile(path))
  return [{ set, listed: listedOf(`${STARTER}${name}`, set) }]
}

function listedOf(id: string, set: PromptSet): ListedSet {
  return {
    ...{ id, name: set.name, starter: id.startsWith(STARTER), prompts: set.prompts.length },
    languages: set.parallel?.languages ?? null,
    hash: createHash('sha256').update(promptFile(set)).digest('hex'),
  }
}

function noSet() {
  return expected(
    'lab/no-set',
    'There is no such set of prompts.',
    'It may have been deleted; choose another one.',
  )
}

function badFile(why: string) {
  return expected(
    'lab/bad-file',
    `This is no set of prompts: ${why}`,
    'A set is JSON with "name" and "prompts", or with "name", "languages" and "pairs".',
  )
}
