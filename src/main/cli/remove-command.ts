// Takes a model, a harvest or an SAE out of the workspace, whichever has that id, or the index of an SAE's features alone.
import type { Command } from 'commander'
import type { AppContract } from '../../shared/contract/index.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'
import type { Client } from '../../shared/wire/client.ts'
import type { Action } from './action.ts'
import { artifactOf } from './flags.ts'

interface Found {
  readonly id: string
  /** As people are told of it: "the harvest 3f2a". */
  readonly name: string
  /** What is left behind; empty when nothing is. */
  readonly stays: string
  remove(): Promise<{ freedBytes: number }>
}

export function addRemove(program: Command, action: Action): void {
  program
    .command('remove')
    .description(
      'Remove a model, a harvest or an SAE from the workspace; files that were linked stay where they are.',
    )
    .argument('<id>', 'id of the model, the harvest or the SAE, or the beginning of it')
    .option('--index <harvest>', 'of an SAE only the index of its features on that harvest')
    .action(
      action(async ({ client, output }, { index }, [id = '']) => {
        const found = index === undefined ? theOne(client, id) : indexOf(client, id, String(index))
        const { id: full, name, stays, remove } = await found
        const { freedBytes } = await remove()
        output.result({ id: full, freedBytes }, [
          `Removed ${name}; that freed ${formatBytes(freedBytes)}.${stays}`,
        ])
      }),
    )
}

/** Throws `models/unknown` when nothing has that id, `remove/ambiguous` when it begins the ids of several kinds. */
async function theOne(client: Client<AppContract>, id: string): Promise<Found> {
  const found = (
    await Promise.all([harvestOf(client, id), saesOf(client, id), unlessUnknown(modelOf(client, id))])
  ).flatMap((some) => some ?? [])
  const exact = found.filter((one) => one.id === id)
  const [one, another] = exact.length === 1 ? exact : found
  // where nothing has that id, this says so
  if (!one) return modelOf(client, id)
  if (!another) return one
  throw expected(
    'remove/ambiguous',
    `"${id}" may be ${found.map(({ name }) => name).join(' or ')}.`,
    'Give more of the id.',
  )
}

async function modelOf(client: Client<AppContract>, wanted: string): Promise<Found> {
  const { id, name, linkedTo } = await client.call('models.get', { id: wanted })
  const stays = linkedTo === null ? '' : ` ${linkedTo} stays.`
  return { id, name, stays, remove: () => client.call('models.remove', { id }) }
}

async function harvestOf(client: Client<AppContract>, wanted: string): Promise<Found | undefined> {
  const found = await unlessUnknown(client.call('harvests.get', { id: wanted }))
  if (!found) return undefined
  const { id } = found.harvest
  return { id, name: `the harvest ${id}`, stays: '', remove: () => client.call('harvests.remove', { id }) }
}

async function saesOf(client: Client<AppContract>, wanted: string): Promise<Found[]> {
  const saes = await client.call('saes.list', undefined)
  return saes
    .filter(({ id }) => wanted !== '' && id.startsWith(wanted))
    .map(({ id }) => ({
      ...{ id, name: `the SAE ${id}`, stays: '', remove: () => client.call('saes.remove', { id }) },
    }))
}

/** Throws `features/none` where the SAE has none on that harvest, and `remove/ambiguous`. */
async function indexOf(client: Client<AppContract>, named: string, wanted: string): Promise<Found> {
  const sae = artifactOf(named)
  const all = await client.call('features.indexes', { sae })
  const found = new Set(all.map(({ harvest }) => harvest).filter((harvest) => harvest.startsWith(wanted)))
  const [harvest = wanted] = found
  if (found.size > 1 && !found.has(wanted)) {
    throw expected(
      'remove/ambiguous',
      `${found.size} indexes begin with "${wanted}".`,
      'Give more of the id.',
    )
  }
  const exact = found.has(wanted) ? wanted : harvest
  return {
    ...{ id: exact, name: `the index of ${named} on ${exact}`, stays: ' Labels, stars and notes stay.' },
    remove: () => client.call('features.removeIndex', { sae, harvest: exact }),
  }
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
