// Jobs about reports: written from what the workspace holds.
import { reportConfigSchema, reportResultSchema } from '../report-config.ts'
import { jobKind } from './kind.ts'

export const reportKinds = {
  report: jobKind({
    title: 'Write a report',
    help: 'Writes features, feature lists, trainings, prompt-lab tables and steering sessions into files that stand alone.',
    arguments: [],
    needsDevice: false,
    needsHub: false,
    steps: () => ['Writing'],
    params: reportConfigSchema,
    result: reportResultSchema,
    describe: ({ title }) => `Report ${title}`,
  }),
}
