// Jobs about reports: written from what the workspace holds.
import { reportKind } from '../report-config.ts'
import { jobKind } from './kind.ts'

export const reportKinds = { report: jobKind(reportKind) }
