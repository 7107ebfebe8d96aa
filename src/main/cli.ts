// The command line: the same contract as the page, in a terminal or a script.
import { runCommandLine } from './cli/program.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
// what a library left open must not keep a finished command alive
process.exit()
