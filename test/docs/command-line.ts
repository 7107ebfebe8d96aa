// The page of the command line, made from the commands themselves.
import type { Argument, Command, Option } from 'commander'
import { Output } from '../../src/main/cli/output.ts'
import { buildProgram } from '../../src/main/cli/program.ts'

const HEAD = `# Command line

Generated from the commands by \`npm run docs\`; what is changed here by hand is lost.

In a checkout, \`npx monoscope COMMAND\` works after \`npm ci\`: it builds what is stale first. Where a command takes a model, a harvest or an SAE, it takes an id, a unique beginning of one, or the path of a folder (with a slash in it). Where Monoscope runs already in the same workspace, commands go through it, so that its page shows them, too.

- \`--json\` prints one JSON object on stdout; everything else goes to stderr.
- The exit code is 0 when it worked, 1 for an error that says what to do ([troubleshooting.md](troubleshooting.md)), 2 for wrong usage.
- The workspace is \`--workspace\`, else \`MONOSCOPE_WORKSPACE\`, else a folder of yours: \`~/.local/share/monoscope\` (or in \`XDG_DATA_HOME\`), on macOS \`~/Library/Application Support/Monoscope\`, on Windows \`%LOCALAPPDATA%\\Monoscope\`.
- Ctrl-C cancels a job cleanly; \`monoscope resume ID\` continues it.
`

export function commandLinePage(): string {
  const program = buildProgram(new Output(false))
  const general = program.options.map((option) => optionLine(option, option.long === '--workspace'))
  return [
    HEAD,
    `## For all commands\n\n${general.join('')}`,
    ...program.commands.flatMap((command) => sections(command, 'monoscope')),
  ].join('\n')
}

function sections(command: Command, before: string): string[] {
  const name = `${before} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((inner) => sections(inner, name))
  const given = command.registeredArguments.map(argumentLine)
  const options = command.options.filter(({ hidden }) => !hidden).map((option) => optionLine(option, false))
  const usage = [
    name,
    ...command.registeredArguments.map(placeOf),
    ...(options.length > 0 ? ['[options]'] : []),
  ]
  return [
    `## ${name}\n\n${command.description()}\n\n\`\`\`sh\n${usage.join(' ')}\n\`\`\`\n\n${[...given, ...options].join('')}`,
  ]
}

function placeOf(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function argumentLine(argument: Argument): string {
  return `- \`${placeOf(argument)}\`: ${sentence(argument.description)}${choices(argument.argChoices)}\n`
}

function optionLine(option: Option, ofThisMachine: boolean): string {
  const given: unknown = option.defaultValue
  const value = option.defaultValueDescription ?? (given === undefined ? undefined : JSON.stringify(given))
  const standard =
    value === undefined || value === 'false' || ofThisMachine ? '' : ` (\`${value}\` by default)`
  return `- \`${option.flags}\`: ${sentence(option.description)}${choices(option.argChoices)}${standard}\n`
}

function sentence(text: string): string {
  // what looks like a tag would be taken for one
  return text.replaceAll(/[<>*_]/g, String.raw`\$&`)
}

function choices(all: readonly string[] | undefined): string {
  return all && all.length > 0 ? ` One of ${all.map((choice) => `\`${choice}\``).join(', ')}.` : ''
}
