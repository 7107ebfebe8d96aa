// `monoscope serve`: the app in a browser; `monoscope start`: the same where Electron does not run.
import type { Command } from 'commander'
import { serve } from '../serve.ts'
import { upTo } from './flags.ts'
import type { Output } from './output.ts'

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
    .action(async (options: { port?: number; host: string; allowRemote?: boolean; open: boolean }) => {
      const { port, host, allowRemote, open } = options
      await serve(
        {
          workspace: String(program.opts().workspace),
          host,
          browse: open,
          say: (line) => output.say(line),
          ...(port !== undefined && { port }),
          ...(allowRemote !== undefined && { allowRemote }),
        },
        (url) => output.result({ url }, [`Monoscope is at ${url}`]),
      )
    })
}
