// The index of a harvest as tables: documents, contexts, sentences, and full text over the contexts.
import type { Migration } from '../store/database.ts'

/**
 * Merges of segments wait for 16 of a kind, so that what is added once a shard is rewritten seldom; `finish` merges
 * the rest.
 */
const AUTOMERGE = 16

export const indexMigrations: readonly Migration[] = [
  {
    name: 'documents, contexts, sentences and their words',
    up: (db) =>
      db.exec(`
        CREATE TABLE document (
          ordinal INTEGER PRIMARY KEY, -- among everything the corpus holds
          source TEXT NOT NULL,
          stratum TEXT,
          language TEXT,
          meta TEXT, -- JSON
          split INTEGER NOT NULL -- 0 left out, 1 train, 2 validation
        ) STRICT;
        CREATE TABLE context (
          id INTEGER PRIMARY KEY,
          first_row INTEGER NOT NULL,
          tokens INTEGER NOT NULL,
          text TEXT NOT NULL -- of its tokens
        ) STRICT;
        CREATE UNIQUE INDEX context_by_row ON context (first_row);
        CREATE TABLE sentence (
          id INTEGER PRIMARY KEY,
          document INTEGER NOT NULL REFERENCES document (ordinal),
          context INTEGER NOT NULL REFERENCES context (id), -- where it begins
          start INTEGER NOT NULL, -- in the document's text, in UTF-16 code units
          "end" INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX sentence_by_document ON sentence (document);
        CREATE INDEX sentence_by_context ON sentence (context);
        CREATE TABLE state (
          only INTEGER PRIMARY KEY CHECK (only = 1),
          progress TEXT, -- JSON: where a harvest that was interrupted goes on
          finished INTEGER NOT NULL
        ) STRICT;
        INSERT INTO state VALUES (1, NULL, 0);
        -- full text by word, and by every three characters for parts of words and scripts without spaces
        CREATE VIRTUAL TABLE word USING fts5 (
          text, content = 'context', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
        );
        CREATE VIRTUAL TABLE trigram USING fts5 (
          text, content = '', tokenize = 'trigram remove_diacritics 1'
        );
        -- in how many contexts each occurs; filled at the end
        CREATE TABLE word_count (term TEXT PRIMARY KEY, contexts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE trigram_count (term TEXT PRIMARY KEY, contexts INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        ${['word', 'trigram'].map(configure).join('')}
      `),
  },
  {
    name: 'whether a context begins with a document',
    // of what was indexed before nobody knows, and 0 says no more than that the one before it may end there
    up: (db) => db.exec('ALTER TABLE document ADD COLUMN begins INTEGER NOT NULL DEFAULT 0'),
  },
  {
    name: 'with which sentence a context begins',
    // of what was indexed before nobody knows
    up: (db) => db.exec('ALTER TABLE context ADD COLUMN sentence INTEGER'),
  },
]

function configure(table: string): string {
  return `
    INSERT INTO ${table} (${table}, rank) VALUES ('automerge', ${AUTOMERGE});
  `
}
