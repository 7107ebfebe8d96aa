// A process that keeps looking who holds a workspace, and tells of each look what it saw.
import { readHolder } from '../../../src/main/store/lock.ts'

process.send?.('looking')
for (;;) {
  const holder = await readHolder(process.argv[2] ?? '')
  process.send?.(holder?.kind ?? 'nobody')
  await new Promise((resolve) => setImmediate(resolve))
}
