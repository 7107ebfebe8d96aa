// The job that writes a report.
import { basename, join, resolve } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { formatsOf, partsOf, sectionsOf } from '../../shared/report-config.ts'
import { assertFree, copyReport, writeReport } from '../report/write-report.ts'
import { version } from '../store/version.ts'
import type { JobContext } from './job-runner.ts'

export async function reportFiles(
  params: JobParams<'report'>,
  context: JobContext,
): Promise<JobResult<'report'>> {
  const { workspace, progress } = context
  const asked = sectionsOf(params)
  if ('problem' in asked) {
    throw expected('report/contents', asked.problem, 'See the help of the report command.')
  }
  const out = params.out === undefined ? undefined : resolve(params.out)
  if (out !== undefined) await assertFree(out)
  const id = basename(context.folder)
  const manifest = await writeReport(
    {
      ...{ id, workspace, sections: asked.sections, formats: formatsOf(params) },
      head: { title: params.title, at: Date.now(), notes: params.notes, parts: partsOf(params) },
      program: `Monoscope ${version}, Node ${process.versions.node}`,
    },
    {
      onProgress: (done, total) => progress.working('Writing', 'pieces', done, total),
      checkpoint: () => context.checkpoint(),
    },
  )
  const folder = join(workspace.reports, id)
  if (out !== undefined) await copyReport(folder, manifest, out)
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
  context.artifact({ kind: 'report', path: folder, bytes })
  return { id, path: out ?? folder, features: manifest.features, bytes }
}
