// `monoscope serve`: the app in a browser.
import { type Command, InvalidArgumentError } from 'commander'
import { serve } from '../serve.ts'
import type { Output } from './output.ts'

export function addServe(program: Command, output: Output): void {
  program
    .command('serve')
    .description('Open the app in a browser, on this machine only unless told otherwise.')
    .option('--port <port>', 'port to listen on (default: a free one)', parsePort)
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

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number up to 65535.')
  return port
}
