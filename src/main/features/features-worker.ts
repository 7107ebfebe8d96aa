// The thread that reads an index of features.
import { serveReads } from '../store/serve-reads.ts'
import { featureReads, OpenFeatures } from './feature-reads.ts'

serveReads((folder) => new OpenFeatures(folder), featureReads)
