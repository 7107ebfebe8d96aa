// The database of an index: a row for each feature, the tokens it is found by, and how tokens are spelled.
import type { Migration } from '../store/database.ts'

export const featureMigrations: readonly Migration[] = [
  {
    name: 'features and tokens',
    up: (db) =>
      db.exec(`
        CREATE TABLE feature (
          id INTEGER PRIMARY KEY,
          firings INTEGER NOT NULL, -- rows in which it fires
          apart INTEGER NOT NULL, -- special tokens and attention sinks at which it fires
          contexts INTEGER NOT NULL,
          bucket INTEGER NOT NULL, -- its contexts are in firings-<bucket>.arrow
          first INTEGER NOT NULL, -- from this row on
          max REAL NOT NULL,
          mean REAL NOT NULL,
          token INTEGER NOT NULL, -- the one with most of its activation; -1 for a dead one
          flags TEXT NOT NULL, -- JSON
          -- little-endian words of 32 bits, see blobs.ts
          histogram BLOB NOT NULL,
          by_group BLOB NOT NULL,
          by_position BLOB NOT NULL,
          examples BLOB NOT NULL,
          tokens BLOB NOT NULL,
          together BLOB, sample INTEGER,
          decoder_norm REAL, near BLOB,
          logits BLOB
        ) STRICT;
        -- the ten tokens with most of a feature's activation
        CREATE TABLE strong_token (
          token INTEGER NOT NULL,
          feature INTEGER NOT NULL,
          share REAL NOT NULL,
          PRIMARY KEY (token, feature)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE token (
          id INTEGER PRIMARY KEY,
          bytes BLOB NOT NULL, -- UTF-8; may be a part of a character
          text TEXT NOT NULL, -- folded, without a space before it, to be found by
          special INTEGER NOT NULL,
          rows INTEGER NOT NULL -- that count
        ) STRICT;
        CREATE INDEX token_by_text ON token (text);
        CREATE TABLE state (
          only INTEGER PRIMARY KEY CHECK (only = 1),
          progress TEXT NOT NULL -- JSON: where an index that was interrupted goes on
        ) STRICT;
        INSERT INTO state VALUES (1, '{}');
      `),
  },
]
