// The thread that reads a harvest: its index and its shards.
import { serveReads } from '../store/serve-reads.ts'
import { indexReads } from './harvest-reads.ts'
import { HarvestIndex } from './harvest-index.ts'

serveReads((path) => HarvestIndex.open(path), indexReads)
