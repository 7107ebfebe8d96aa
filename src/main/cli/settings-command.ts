// `monoscope settings`: shows the workspace's settings, or changes those given as NAME=VALUE.
import type { Command } from 'commander'
import { fieldsOf } from '../../shared/config.ts'
import { type Settings, settingsSchema } from '../../shared/contract/settings.ts'
import { expected, fromErrorData } from '../../shared/errors.ts'
import { parseValue } from './flags.ts'
import type { Action, Session } from './action.ts'

export function addSettings(program: Command, action: Action): void {
  const fields = fieldsOf(settingsSchema)
  program
    .command('settings')
    .description('Show the settings, or change them.')
    .argument('[changes...]', 'NAME=VALUE')
    .addHelpText('after', () =>
      ['', 'Settings:', ...fields.map((field) => `  ${field.name.padEnd(16)} ${field.help}`)].join('\n'),
    )
    .action(
      action(async ({ client, output }, _options, [changes]) => {
        const given = (changes ?? []) as unknown as string[]
        const values = Object.fromEntries(
          given.map((change) => {
            const [name = '', ...rest] = change.split('=')
            const field = fields.find((candidate) => candidate.name === name)
            if (!field || rest.length === 0) {
              const names = fields.map((candidate) => candidate.name).join(', ')
              throw expected(
                'settings/unknown',
                `"${change}" is no NAME=VALUE of a setting.`,
                `Settings: ${names}.`,
              )
            }
            return [name, parseValue(field, rest.join('='))]
          }),
        )
        const settings =
          given.length > 0 ? await client.call('settings.set', values) : await currentSettings(client)
        output.result(
          settings,
          Object.entries(settings).map(([name, value]) => `${name}=${String(value)}`),
        )
      }),
    )
}

function currentSettings(client: Session['client']): Promise<Settings> {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe('settings.watch', undefined, {
      state: (settings) => {
        resolve(settings)
        queueMicrotask(stop)
      },
      end: (error) => {
        if (error) reject(fromErrorData(error))
      },
    })
  })
}
