// `monoscope serve`: the app in a browser; `monoscope start`: the same where Electron does not run.
import type { Command } from 'commander'
import { serve } from '../serve.ts'
import { upTo } from './flags.ts'
import type { Output } from './output.ts'

interface Opening {
  readonly port?: number
  readonly host: string
  readonly allowRemote?: boolean
  readonly open: boolean
  readonly demo: boolean
}

export function addServe(program: Command, output: Output): void {
  // bin/monoscope.mjs opens Electron itself and comes here when it cannot
  addOpening(program, output, 'start', 'Open the app: in Electron where it runs, otherwise like "serve".')
  addOpening(
    program,
    output,
    'serve',
    'Open the app in a browser, on this machine only unless told otherwise.',
  )
}

function addOpening(program: Command, output: Output, name: string, description: string): void {
  program
    .command(name)
    .description(description)
    .option(
      '--port <port>',
      'port to listen on (default: the last one if it is free, else any)',
      upTo(65_535),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--allow-remote', 'let other machines reach it')
    .option('--no-open', 'do not open the default browser')
    .option('--no-demo', 'do not begin the demo in an empty workspace, nor go on with it by itself')
    .action(async (options: Opening) => {
      const { port, host, allowRemote, open, demo } = options
      await serve(
        {
          workspace: String(program.opts().workspace),
          ...{ host, demo },
          browse: open,
          say: (line) => output.say(line),
          ...(port !== undefined && { port }),
          ...(allowRemote !== undefined && { allowRemote }),
        },
        (url) => output.result({ url }, [`Monoscope is at ${url}`]),
      )
    })
}
