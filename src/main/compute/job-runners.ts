// Which code does which kind of job.
import { benchmark } from './benchmark.ts'
import { checksumFolder } from './checksum.ts'
import { evaluateSae } from './evaluate.ts'
import { harvestCorpus, verifyFolder } from './harvests.ts'
import { indexFeatures } from './index-features.ts'
import { bringIn, fetchModel } from './models.ts'
import { compareWithReference } from './parity.ts'
import type { JobRunners } from './runner.ts'
import { copyOut } from './sae-folders.ts'
import { setUpCuda } from './setup-cuda.ts'
import { trainSae } from './train.ts'
import { verifyFeatures } from './verify-features.ts'
import { reportFiles } from './write-report.ts'

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
