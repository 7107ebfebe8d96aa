// What is said of features, in a database of the SAE's own: labels, stars, lists, notes. It goes where the SAE goes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FeatureLabel, FeatureNote, NoteChange } from '../../shared/feature-notes.ts'
import {
  guarded,
  leaveOneFile,
  type Migration,
  openForReading,
  openForWriting,
  type ReadDb,
} from '../store/database.ts'

export const NOTES = 'notes.sqlite'
/** The method of a label that a person typed. */
export const BY_HAND = 'hand'

const migrations: readonly Migration[] = [
  {
    name: 'labels and notes',
    up: (db) =>
      db.exec(`
        CREATE TABLE label (
          feature INTEGER NOT NULL,
          method TEXT NOT NULL, -- "hand" for one that was typed
          author TEXT NOT NULL,
          text TEXT NOT NULL,
          score REAL,
          at INTEGER NOT NULL, -- milliseconds since the epoch
          PRIMARY KEY (feature, method, author)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE note (
          feature INTEGER PRIMARY KEY,
          starred INTEGER NOT NULL,
          lists TEXT NOT NULL, -- JSON
          text TEXT NOT NULL
        ) STRICT;
      `),
  },
]

interface LabelRow extends FeatureLabel {
  readonly feature: number
}

interface NoteRow {
  readonly feature: number
  readonly starred: number
  readonly lists: string
  readonly text: string
}

/** Of all features that have any, ascending; none where the SAE has no notes yet. Throws `disk/…`. */
export function readNotes(sae: string): FeatureNote[] {
  const path = join(sae, NOTES)
  if (!existsSync(path)) return []
  const db = openForReading(path)
  try {
    return guarded(path, () => notesIn(db))
  } finally {
    db.close()
  }
}

/** What is said of the feature after a change by `author`. Throws `disk/…`. */
export function annotate(sae: string, change: NoteChange, author: string, at: number): FeatureNote {
  const path = join(sae, NOTES)
  const { feature, label, starred, lists, note } = change
  const db = openForWriting(path, migrations)
  try {
    return guarded(path, () => {
      db.transaction(() => {
        if (label !== undefined) {
          // one label by hand, whoever typed it
          db.prepare('DELETE FROM label WHERE feature = ? AND method = ?').run(feature, BY_HAND)
          if (label !== '') {
            db.prepare('INSERT INTO label VALUES (?, ?, ?, ?, NULL, ?)').run(
              feature,
              BY_HAND,
              author,
              label,
              at,
            )
          }
        }
        const before = noteOf(notesIn(db, feature), feature)
        const sorted = [...new Set(lists ?? before.lists)].sort()
        db.prepare('INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)').run(
          feature,
          (starred ?? before.starred) ? 1 : 0,
          JSON.stringify(sorted),
          note ?? before.note,
        )
      })()
      const after = noteOf(notesIn(db, feature), feature)
      leaveOneFile(db)
      return after
    })
  } finally {
    db.close()
  }
}

/** The label people see: the one by hand, else the one with the best score. */
export function bestLabel({ labels }: FeatureNote): string | null {
  return labels[0]?.text ?? null
}

function noteOf(notes: readonly FeatureNote[], feature: number): FeatureNote {
  return notes[0] ?? { feature, labels: [], starred: false, lists: [], note: '' }
}

function notesIn(db: ReadDb, feature: number | null = null): FeatureNote[] {
  const where = 'WHERE ? IS NULL OR feature = ?'
  const labels = db
    .prepare<[number | null, number | null], LabelRow>(
      `SELECT feature, text, author, method, score, at FROM label ${where}
       ORDER BY feature, method <> '${BY_HAND}', score DESC, at DESC`,
    )
    .all(feature, feature)
  const notes = db
    .prepare<[number | null, number | null], NoteRow>(
      `SELECT feature, starred, lists, text FROM note ${where} ORDER BY feature`,
    )
    .all(feature, feature)
  const byFeature = Map.groupBy(labels, (label) => label.feature)
  const said = new Map<number, FeatureNote>()
  for (const { feature: of, starred, lists, text } of notes) {
    said.set(of, {
      ...noteOf([], of),
      starred: starred === 1,
      lists: JSON.parse(lists) as string[],
      note: text,
    })
  }
  for (const [of, its] of byFeature) {
    const before = said.get(of) ?? noteOf([], of)
    said.set(of, { ...before, labels: its.map(({ feature: _, ...label }) => label) })
  }
  return [...said.values()].sort((a, b) => a.feature - b.feature)
}
