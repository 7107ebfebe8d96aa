// One report of the first features of a workspace's only SAE, in a process of its own; prints what it took as JSON.
import { readdir } from 'node:fs/promises'
import { peakRss } from '../src/main/compute/peak-rss.ts'
import { writeReport } from '../src/main/report/write-report.ts'
import { openWorkspace } from '../src/main/store/workspace.ts'
import { type ReportFormat, reportParts } from '../src/shared/report.ts'

/** Of the demo's SAE: more features than it has are some of them twice. */
const WIDTH = 1536
const [root, format, count] = process.argv.slice(2) as [string, ReportFormat, string]
const workspace = await openWorkspace(root)
const [sae] = (await readdir(workspace.saes)).filter((name) => !name.startsWith('.'))
const start = performance.now()
const { files } = await writeReport(
  {
    ...{ id: `${format}-${count}`, workspace, formats: [format], program: 'bench' },
    sections: [
      { kind: 'features', sae: sae!, features: Array.from({ length: Number(count) }, (_, at) => at % WIDTH) },
    ],
    head: { title: 'Bench', at: 0, notes: '', parts: reportParts.slice(0, 6) },
  },
  // as a job's: a turn of the event loop, in which memory is given back
  { onProgress: () => undefined, checkpoint: () => new Promise((resolve) => setImmediate(resolve)) },
)
const seconds = (performance.now() - start) / 1000
const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
console.log(JSON.stringify({ seconds, bytes, peak: peakRss() }))
