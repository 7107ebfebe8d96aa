// The thread that reads the workspace's database.
import { openForReading } from './database.ts'
import { reads } from './reads.ts'
import { serveReads } from './serve-reads.ts'

serveReads(openForReading, reads)
