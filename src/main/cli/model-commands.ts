// Commands about models: which are here, and which could be fetched. Import and download are jobs.
import type { Command } from 'commander'
import type { Model } from '../../shared/models.ts'
import { formatBytes, formatParameters } from '../../shared/units.ts'
import type { Action } from './action.ts'

export function addModelCommands(program: Command, action: Action): void {
  program
    .command('models')
    .description('List the models of the workspace, newest first.')
    .option('--catalogue', 'list models worth downloading instead, and whether they fit this machine')
    .action(
      action(async ({ client, output }, { catalogue }) => {
        if (!catalogue) {
          const models = await client.call('models.list', undefined)
          return output.result({ models }, models.length === 0 ? noneYet : models.map(line))
        }
        const offers = await client.call('models.catalogue', undefined)
        const lines = offers.models.map(
          ({ repository, gated, licence, fit, memoryBytes, precision, ...offer }) =>
            [
              repository.padEnd(38),
              formatBytes(offer.downloadBytes).padStart(8),
              `${fit}: ${formatBytes(memoryBytes)} in ${precision}`.padEnd(30),
              `${licence}${gated ? ', gated' : ''}`,
            ].join('  '),
        )
        const memory = offers.memory === null ? 'unknown' : formatBytes(offers.memory)
        output.result(offers, [
          `For ${offers.device}, memory ${memory}; what is needed is estimated.`,
          ...lines,
        ])
      }),
    )
}

const noneYet = ['No models yet: import one, or download one ("monoscope models --catalogue" lists some).']

function line({ id, name, parameters, bytes, dtypes, linkedTo, state, problem }: Model): string {
  const facts = [
    id,
    ...(name === id ? [] : [name]),
    `${formatParameters(parameters)} parameters`,
    `${formatBytes(bytes)} ${dtypes.join(', ')}`,
    linkedTo === null ? 'copied' : `linked to ${linkedTo}`,
    ...(state === 'ready' ? [] : [`${state}: ${problem ?? ''}`]),
  ]
  return facts.join('  ')
}
