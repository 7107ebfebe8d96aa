// The history of the workspace database's schema; times are milliseconds since the epoch, sizes are bytes.
import type { Migration } from './database.ts'

export const workspaceMigrations: readonly Migration[] = [
  {
    name: 'settings, jobs and their logs',
    up: (db) =>
      db.exec(`
        CREATE TABLE setting (
          key TEXT PRIMARY KEY,
          value TEXT NOT NULL -- JSON
        ) STRICT;
        CREATE TABLE job (
          id TEXT PRIMARY KEY,
          kind TEXT NOT NULL,
          title TEXT NOT NULL,
          params TEXT NOT NULL, -- JSON
          state TEXT NOT NULL,
          progress TEXT NOT NULL, -- JSON
          attempt INTEGER NOT NULL,
          pid INTEGER, -- of the compute process while it runs
          created_at INTEGER NOT NULL,
          started_at INTEGER,
          ended_at INTEGER,
          peak_rss INTEGER NOT NULL,
          error TEXT, -- JSON
          result TEXT -- JSON
        ) STRICT;
        CREATE INDEX job_by_age ON job (created_at DESC, id DESC);
        CREATE TABLE job_log (
          job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
          seq INTEGER NOT NULL,
          at INTEGER NOT NULL,
          level TEXT NOT NULL,
          text TEXT NOT NULL,
          PRIMARY KEY (job, seq)
        ) STRICT, WITHOUT ROWID;
      `),
  },
  {
    name: 'what jobs use and what they make',
    up: (db) =>
      db.exec(`
        CREATE TABLE job_sample (
          job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
          at INTEGER NOT NULL,
          rss REAL, cpu REAL, disk_read REAL, disk_write REAL,
          vram REAL, gpu_use REAL, gpu_temperature REAL, gpu_power REAL,
          machine_memory_used REAL, machine_memory_total REAL, machine_cpu REAL,
          machine_vram_used REAL, machine_vram_total REAL,
          PRIMARY KEY (job, at)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE job_artifact (
          job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
          kind TEXT NOT NULL,
          path TEXT NOT NULL,
          bytes INTEGER NOT NULL,
          PRIMARY KEY (job, path)
        ) STRICT, WITHOUT ROWID;
      `),
  },
  {
    name: 'the registry of models',
    up: (db) =>
      db.exec(`
        CREATE TABLE model (
          id TEXT PRIMARY KEY, -- the name of its folder
          name TEXT NOT NULL,
          hash TEXT NOT NULL,
          imported_at INTEGER NOT NULL,
          state TEXT NOT NULL,
          problem TEXT,
          checkpoint TEXT NOT NULL, -- where its files lie
          own_bytes INTEGER NOT NULL, -- in the workspace
          manifest TEXT NOT NULL -- JSON: model.json as it was last read
        ) STRICT;
      `),
  },
  {
    name: 'steering sessions and what was generated in them',
    up: (db) =>
      db.exec(`
        CREATE TABLE steering_session (
          id TEXT PRIMARY KEY,
          name TEXT NOT NULL,
          created_at INTEGER NOT NULL,
          changed_at INTEGER NOT NULL,
          setup TEXT NOT NULL -- JSON
        ) STRICT;
        CREATE TABLE steering_run (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          session TEXT NOT NULL REFERENCES steering_session (id) ON DELETE CASCADE,
          content TEXT NOT NULL -- JSON: setup, facts and texts
        ) STRICT;
        CREATE INDEX steering_run_by_session ON steering_run (session, id DESC);
        `),
  },
  {
    name: 'the prompt lab',
    up: (db) =>
      db.exec(`
        CREATE TABLE prompt_set (
          id TEXT PRIMARY KEY,
          name TEXT NOT NULL,
          content TEXT NOT NULL -- JSON
        ) STRICT;
        CREATE TABLE lab_run (
          id TEXT PRIMARY KEY,
          at INTEGER NOT NULL,
          summary TEXT NOT NULL, -- JSON
          numbers BLOB NOT NULL -- a number for every feature that fired, as V8 serialises arrays
        ) STRICT;
      `),
  },
  {
    name: 'how far the demo is',
    up: (db) =>
      db.exec(`
        CREATE TABLE demo (
          id INTEGER PRIMARY KEY CHECK (id = 1), -- there is one
          content TEXT NOT NULL -- JSON
        ) STRICT;
      `),
  },
  {
    name: 'the report that is being put together',
    up: (db) =>
      db.exec(`
        CREATE TABLE report_draft (
          id INTEGER PRIMARY KEY CHECK (id = 1), -- there is one
          content TEXT NOT NULL -- JSON
        ) STRICT;
      `),
  },
]
