// Takes a model or a harvest out of the workspace, whichever has that id.
import type { Command } from 'commander'
import { MonoscopeError } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'
import type { Action } from './program.ts'

export function addRemove(program: Command, action: Action): void {
  program
    .command('remove')
    .description(
      'Remove a model or a harvest from the workspace; files that were linked stay where they are.',
    )
    .argument('<id>', 'id of the model or the harvest, or the beginning of it')
    .action(
      action(async ({ client, output }, _options, [id = '']) => {
        const harvest = await unlessUnknown(client.call('harvests.get', { id }))
        const model = harvest && (await unlessUnknown(client.call('models.get', { id })))
        if (harvest && !model) {
          const { id: full } = harvest.harvest
          const { freedBytes } = await client.call('harvests.remove', { id: full })
          return output.result({ id: full, freedBytes }, [
            `Removed the harvest ${full}; that freed ${formatBytes(freedBytes)}.`,
          ])
        }
        // where nothing has that id, this says so
        const { id: full, name, linkedTo } = model ?? (await client.call('models.get', { id }))
        const { freedBytes } = await client.call('models.remove', { id: full })
        const stays = linkedTo === null ? '' : ` ${linkedTo} stays.`
        output.result({ id: full, freedBytes }, [
          `Removed ${name}; that freed ${formatBytes(freedBytes)}.${stays}`,
        ])
      }),
    )
}

/** Undefined where nothing has that id. */
async function unlessUnknown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof MonoscopeError && error.code.endsWith('/unknown')) return undefined
    throw error
  }
}
