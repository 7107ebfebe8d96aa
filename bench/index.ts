// npm run bench: the numbers of the README, measured on this machine beside the programs they are compared with.
import { availableParallelism, cpus } from 'node:os'
import { benchSaeStep } from './sae-step.ts'

console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`)
for (const rows of [1024, 4096]) await benchSaeStep(rows)
