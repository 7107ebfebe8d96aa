// Commands about harvests: which are here, and what is in them. Harvesting and verifying are jobs.
import type { Command } from 'commander'
import type { Harvest } from '../../shared/harvests.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import type { Action } from './action.ts'

export function addHarvestCommands(program: Command, action: Action): void {
  program
    .command('harvests')
    .description('List the harvests of the workspace, newest first.')
    .action(
      action(async ({ client, output }) => {
        const harvests = await client.call('harvests.list', undefined)
        output.result({ harvests }, harvests.length === 0 ? noneYet : harvests.map(line))
      }),
    )
}

const noneYet = ['No harvests yet: "monoscope harvest --model M --corpus PATH --layer L" makes one.']

function line({ id, state, problem, bytes, config, done }: Harvest): string {
  const facts = [
    id,
    state.padEnd(7),
    config ? `layer ${config.layer} of ${done?.model.name ?? config.model}` : 'unknown',
    done ? `${formatCount(done.rows)} rows` : `${formatCount(config?.tokens ?? 0)} tokens wanted`,
    formatBytes(bytes),
    ...(config ? [config.corpus] : []),
    ...(problem === null ? [] : [problem]),
  ]
  return facts.join('  ')
}
