// The thread that reads the metrics of trainings, of all SAEs of a workspace.
import { serveReads } from '../store/serve-reads.ts'
import { curveReads } from './curve-reads.ts'

serveReads((saes) => saes, curveReads)
