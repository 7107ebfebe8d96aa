// A process that holds a workspace until it is killed, though nothing in it refers to the lock.
import { lockWorkspace } from '../../../src/main/store/lock.ts'

await lockWorkspace(process.argv[2] ?? '', { kind: 'serve', version: '1' })
// run with --expose-gc: what nobody refers to goes now
await new Promise((resolve) => setTimeout(resolve))
globalThis.gc?.()
await new Promise((resolve) => setTimeout(resolve))
process.send?.('held')
setInterval(() => undefined, 1_000)
