// The thread that reads a harvest: its index and its shards.
import { serveReads } from '../store/serve-reads.ts'
import { indexReads } from './index-reads.ts'
import { HarvestIndex } from './index-store.ts'

serveReads((path) => HarvestIndex.open(path), indexReads)
