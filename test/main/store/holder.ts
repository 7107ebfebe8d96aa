// A process that holds a workspace until it is killed.
import { lockWorkspace } from '../../../src/main/store/lock.ts'

await lockWorkspace(process.argv[2] ?? '', { kind: 'serve', version: '1' })
process.send?.('held')
setInterval(() => undefined, 1_000)
