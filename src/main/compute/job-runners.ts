// Which code does which kind of job.
import { benchmark } from './benchmark-job.ts'
import { checksumFolder } from './checksum-job.ts'
import { fetchModel } from './download-job.ts'
import { evaluateSae } from './evaluate-job.ts'
import { copyOut } from './export-job.ts'
import { harvestCorpus } from './harvest-job.ts'
import { bringIn } from './import-job.ts'
import { indexFeatures } from './index-job.ts'
import type { JobRunners } from './job-runner.ts'
import { compareWithReference } from './parity-job.ts'
import { reportFiles } from './report-job.ts'
import { setUpCuda } from './setup-cuda-job.ts'
import { trainSae } from './train-job.ts'
import { verifyFeatures } from './verify-index-job.ts'
import { verifyFolder } from './verify-job.ts'

export const jobRunners: JobRunners = {
  checksum: checksumFolder,
  benchmark,
  'setup-cuda': setUpCuda,
  import: bringIn,
  download: fetchModel,
  parity: compareWithReference,
  harvest: harvestCorpus,
  verify: verifyFolder,
  train: trainSae,
  evaluate: evaluateSae,
  export: copyOut,
  index: indexFeatures,
  'verify-index': verifyFeatures,
  report: reportFiles,
}
