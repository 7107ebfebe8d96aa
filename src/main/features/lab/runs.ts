// Runs of the prompt lab: every prompt is read, one after the other, and what came of it is kept in the workspace.
import { randomUUID } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { cancelled, expected } from '../../../shared/errors.ts'
import type { ReadText } from '../../../shared/features.ts'
import {
  labRunSchema,
  type LabRun,
  type LabSide,
  type ListedRun,
  listedRunSchema,
  type ListedSet,
  type PromptSet,
} from '../../../shared/prompt-lab.ts'
import { guarded, type ReadDb, type WriteDb } from '../../store/database.ts'
import { LabTally } from './tally.ts'

interface ChosenSet {
  readonly listed: ListedSet
  readonly set: PromptSet
}

interface RunOrder {
  readonly sae: LabRun['sae']
  readonly a: ChosenSet
  /** What `a` is contrasted with; of a parallel set the languages are contrasted then no more. */
  readonly b: ChosenSet | null
  read(text: string): Promise<ReadText>
  onProgress(done: number, total: number): void
  readonly signal: AbortSignal
}

/** Throws `lab/same-set`, what `read` throws, and `cancelled`; at most a few dozen bytes a feature are held. */
export async function runLab({ sae, a, b, read, onProgress, signal }: RunOrder): Promise<LabRun> {
  if (b?.listed.hash === a.listed.hash) {
    throw expected(
      'lab/same-set',
      'The two sets hold the same prompts.',
      'Choose another one to contrast with.',
    )
  }
  const pairs = b ? null : a.set.parallel
  const texts = [a.set.prompts, ...(b ? [b.set.prompts] : pairs ? [pairs.translations] : [])]
  const total = texts.reduce((sum, { length }) => sum + length, 0)
  const tally = new LabTally(sae.features, texts.length, pairs !== null)
  let [done, cut] = [0, 0]
  const readOne = async (text: string) => {
    if (signal.aborted) throw cancelled()
    const codes = await read(text)
    if (codes.leftOut > 0) cut++
    onProgress(++done, total)
    return codes
  }
  if (pairs) {
    for (const [at, prompt] of a.set.prompts.entries()) {
      const first = await readOne(prompt)
      tally.addPair(first, await readOne(pairs.translations[at]!))
    }
  } else {
    for (const [side, prompts] of texts.entries()) {
      for (const prompt of prompts) tally.add(side, await readOne(prompt))
    }
  }
  const sideOf = ({ listed }: ChosenSet, place: 0 | 1): LabSide => ({
    ...{ set: listed.id, name: listed.name, hash: listed.hash, prompts: listed.prompts },
    language: pairs?.languages[place] ?? null,
  })
  return {
    ...{ id: randomUUID(), at: Date.now(), sae, cut },
    kind: pairs ? 'parallel' : b ? 'contrast' : 'single',
    sides: [sideOf(a, 0), ...(texts.length > 1 ? [sideOf(b ?? a, 1)] : [])],
    ...tally.numbers(),
  }
}

interface RunRow {
  readonly summary: string
}

export class LabRuns {
  readonly #db: WriteDb
  readonly #path: string

  constructor(db: WriteDb, path: string) {
    this.#db = db
    this.#path = path
  }

  /** The newest first. */
  list(): ListedRun[] {
    const rows = guarded(this.#path, () =>
      this.#db.prepare<[], RunRow>('SELECT summary FROM lab_run ORDER BY at DESC, id').all(),
    )
    return rows.map(({ summary }) => listedRunSchema.parse(JSON.parse(summary)))
  }

  /** Throws `disk/…`. */
  save(run: LabRun): void {
    const summary = JSON.stringify(listedRunSchema.parse(run))
    guarded(this.#path, () =>
      this.#db
        .prepare('INSERT INTO lab_run (id, at, summary, numbers) VALUES (?, ?, ?, ?)')
        .run(run.id, run.at, summary, serialize(run)),
    )
  }

  /** Throws `lab/no-run`. */
  get(id: string): LabRun {
    return readLabRun(this.#db, this.#path, id)
  }

  remove(id: string): void {
    const { changes } = guarded(this.#path, () =>
      this.#db.prepare('DELETE FROM lab_run WHERE id = ?').run(id),
    )
    if (changes === 0) throw noRun()
  }
}

/** From a workspace's database, whose path is for errors. Throws `lab/no-run`, `disk/…`. */
export function readLabRun(db: ReadDb, path: string, id: string): LabRun {
  const row = guarded(path, () =>
    db.prepare<[string], { numbers: Buffer }>('SELECT numbers FROM lab_run WHERE id = ?').get(id),
  )
  if (!row) throw noRun()
  return labRunSchema.parse(deserialize(row.numbers))
}

function noRun() {
  return expected('lab/no-run', 'There is no such run.', 'It may have been deleted; run the set again.')
}
