// The contract between the app and everyone who uses it: the page, the command line and the tests.
import { corpusContract } from './corpus.ts'
import { demoContract } from './demo.ts'
import { devicesContract } from './devices.ts'
import { featuresContract } from './features.ts'
import { generationContract } from './generation.ts'
import { harvestsContract } from './harvests.ts'
import { hostContract } from './host.ts'
import { jobsContract } from './jobs.ts'
import { modelsContract } from './models.ts'
import { promptLabContract } from './prompt-lab.ts'
import { reportDraftContract } from './report-draft.ts'
import { reportsContract } from './reports.ts'
import { saesContract } from './saes.ts'
import { settingsContract } from './settings.ts'
import { steeringContract } from './steering.ts'

export const contract = {
  ...hostContract,
  ...devicesContract,
  ...jobsContract,
  ...modelsContract,
  ...harvestsContract,
  ...generationContract,
  ...corpusContract,
  ...saesContract,
  ...featuresContract,
  ...steeringContract,
  ...promptLabContract,
  ...demoContract,
  ...reportsContract,
  ...reportDraftContract,
  ...settingsContract,
}

export type AppContract = typeof contract
