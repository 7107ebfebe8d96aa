// The pages of the guide that are made from the source, wholly or in part, as they should be now.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { reportSchemaText } from '../../src/shared/report-json.ts'
import { commandLinePage } from './command-line.ts'
import { renewKnobs } from './knobs.ts'
import { renewTroubleshooting } from './troubleshooting.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'docs')
const COMMAND_LINE = 'command-line.md'
const REPORT_SCHEMA = 'report.schema.json'

export interface Page {
  readonly path: string
  /** As it is on disk; null where it is not. */
  readonly written: string | null
  readonly renewed: string
}

export async function guidePages(): Promise<Page[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md') && name !== COMMAND_LINE)
  const pages = [COMMAND_LINE, REPORT_SCHEMA, ...names].map(async (name) => {
    const path = join(folder, name)
    const written = await readFile(path, 'utf8').catch(() => null)
    return { path, written, renewed: await tidy(path, renewed(name, written ?? '')) }
  })
  return Promise.all(pages)
}

function renewed(name: string, written: string): string {
  if (name === COMMAND_LINE) return commandLinePage()
  if (name === REPORT_SCHEMA) return reportSchemaText()
  if (name === 'troubleshooting.md') return renewTroubleshooting(written, join(root, 'src'))
  return renewKnobs(written)
}

async function tidy(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path })
}
