// All commands, and how each is run: workspace, host, JSON, exit code (0 done, 1 expected error, 2 wrong usage).
import { Command, CommanderError } from 'commander'
import { toErrorData } from '../../shared/errors.ts'
import { defaultWorkspace } from '../store/workspace.ts'
import { version } from '../store/version.ts'
import type { Action, Options } from './action.ts'
import { addCompletion } from './completion.ts'
import { connect } from './connect.ts'
import { addDemo } from './demo-command.ts'
import { addDoctor } from './doctor-command.ts'
import { addFeatureCommands } from './feature-commands.ts'
import { addGenerate } from './generate-command.ts'
import { addHarvestCommands } from './harvest-commands.ts'
import { addJobCommands } from './job-commands.ts'
import { addModelCommands } from './model-commands.ts'
import { Output } from './output.ts'
import { addRemove } from './remove-command.ts'
import { addSaeCommands } from './sae-commands.ts'
import { addServe } from './serve-command.ts'
import { addSettings } from './settings-command.ts'

/** Runs one command line and resolves to the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const output = new Output(args.includes('--json'))
  try {
    const program = buildProgram(output)
    if (args.length === 0) {
      process.stderr.write(program.helpInformation())
      return 2
    }
    await program.parseAsync([...args], { from: 'user' })
    return output.exitCode
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      // commander has told the person already
      output.usageError(error.message)
      return 2
    }
    output.error(toErrorData(error))
    return 1
  }
}

export function buildProgram(output: Output): Command {
  const program = new Command('monoscope')
    .description('A desktop microscope for what a LLaMA model represents.')
    .version(version)
    .option('--workspace <folder>', 'the workspace to use', defaultWorkspace())
    .option('--json', 'print one JSON object on stdout')
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)')
    .configureOutput({ writeErr: (text) => output.say(text.trimEnd()) })
    .configureHelp({ showGlobalOptions: true })

  const action: Action =
    (run) =>
    async (...received) => {
      // commander passes the arguments, then the options, then the command
      const options = received.at(-2) as Options
      const connection = await connect(String(program.opts().workspace), (text) => output.say(text))
      try {
        const args = received.slice(0, -2) as (string | undefined)[]
        await run({ connection, client: connection.client, output }, options, args)
      } finally {
        await connection.close()
      }
    }

  addServe(program, output)
  addDemo(program, action)
  addDoctor(program, output)
  addJobCommands(program, action)
  addModelCommands(program, action)
  addHarvestCommands(program, action)
  addSaeCommands(program, action)
  addFeatureCommands(program, action)
  addRemove(program, action)
  addGenerate(program, action)
  addSettings(program, action)
  addCompletion(program)
  return program
}
