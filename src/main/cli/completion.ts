// `monoscope completion`: a script that teaches the shell the commands and flags, made from the commands themselves.
import { Argument, type Command } from 'commander'

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands and flags in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', '\nFor bash: eval "$(monoscope completion bash)"')
    .action((shell: 'bash' | 'zsh' | 'fish') => {
      process.stdout.write(scripts[shell](words(program)))
    })
}

interface Words {
  readonly name: string
  readonly help: string
  /** What may follow: flags, and the names of commands within. */
  readonly flags: readonly string[]
}

/** The commands with their flags; the first entry is the program itself. */
function words(program: Command): Words[] {
  const flagsOf = (command: Command) => command.options.flatMap((option) => option.long ?? [])
  const general = [...flagsOf(program), '--help']
  return [
    { name: '', help: '', flags: general },
    ...program.commands.map((command) => ({
      name: command.name(),
      help: command.summary() || command.description(),
      // a command that holds others is followed by one of them
      flags: [
        ...command.commands.map((inner) => inner.name()),
        ...[command, ...command.commands].flatMap(flagsOf),
        ...general,
      ],
    })),
  ]
}

const scripts = {
  bash: (all: Words[]) => {
    const [program, ...commands] = all
    const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.join(' ')}" ;;`)
    return `_monoscope() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words command at=1
  [[ \${COMP_WORDS[COMP_CWORD-1]} == --workspace ]] && return
  while (( at < COMP_CWORD )); do
    case "\${COMP_WORDS[at]}" in
      --workspace) (( at += 2 )) ;;
      -*) (( at += 1 )) ;;
      *) command="\${COMP_WORDS[at]}"; break ;;
    esac
  done
  case "$command" in
${cases.join('\n')}
    *) words="${[...commands.map(({ name }) => name), ...(program?.flags ?? [])].join(' ')}" ;;
  esac
  if [[ -z $command || $current == -* || $words != --* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o default -F _monoscope monoscope
`
  },
  zsh: (all: Words[]) => {
    const [program, ...commands] = all
    const described = commands.map(
      ({ name, help }) => `    '${name}:${help.replaceAll("'", '’').replaceAll(':', ' –')}'`,
    )
    const cases = commands.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(' ')} ;;`)
    return `#compdef monoscope
_monoscope() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then
    _describe command commands
    return
  fi
  [[ $PREFIX == -* ]] || { _files; return }
  case $words[2] in
${cases.join('\n')}
    *) compadd -- ${(program?.flags ?? []).join(' ')} ;;
  esac
}
compdef _monoscope monoscope
`
  },
  fish: (all: Words[]) =>
    all
      .flatMap(({ name, help, flags }) => {
        const when = name ? `__fish_seen_subcommand_from ${name}` : '__fish_use_subcommand'
        const said = help.replaceAll("'", '’')
        const own = name ? [`complete -c monoscope -n __fish_use_subcommand -f -a ${name} -d '${said}'`] : []
        const follows = (word: string) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`)
        return [...own, ...flags.map((word) => `complete -c monoscope -n '${when}' ${follows(word)}`)]
      })
      .join('\n') + '\n',
}
