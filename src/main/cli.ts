// The command line: the same contract as the page, in a terminal or a script.
import { runCommandLine } from './cli/program.ts'

// who reads may stop early, as "| head" does
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
process.exitCode = await runCommandLine(process.argv.slice(2))
// what a library left open must not keep a finished command alive; a pipe takes 64 kB at a time, so all is written first
process.stdout.write('', () => process.exit())
