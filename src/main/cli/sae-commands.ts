// Commands about SAEs: which are here. Training, evaluating, importing and exporting are jobs.
import type { Command } from 'commander'
import type { SaeEntry } from '../../shared/saes.ts'
import { formatBytes, formatCount, formatPercent } from '../../shared/units.ts'
import type { Action } from './action.ts'

export function addSaeCommands(program: Command, action: Action): void {
  program
    .command('saes')
    .description('List the SAEs of the workspace, newest first.')
    .action(
      action(async ({ client, output }) => {
        const saes = await client.call('saes.list', undefined)
        output.result({ saes }, saes.length === 0 ? noneYet : saes.map(line))
      }),
    )
}

const noneYet = [
  'No SAEs yet: "monoscope train --harvest H" trains one, "monoscope import PATH" brings one in.',
]

function line({ id, state, problem, bytes, config, origin, done }: SaeEntry): string {
  const facts = [
    id,
    state.padEnd(8),
    ...(origin ? [origin.name] : []),
    ...(done ? [`${done.architecture} × ${formatCount(done.features)}`] : []),
    ...(done ? [] : [config ? `${config.variant} × ${formatCount(config.width)}` : 'unknown']),
    ...(done?.validation ? [`${formatPercent(done.validation.fvu)} unexplained`] : []),
    ...(done?.validation ? [`L0 ${Number(done.validation.l0.toPrecision(3))}`] : []),
    formatBytes(bytes),
    ...(problem === null ? [] : [problem]),
  ]
  return facts.join('  ')
}
