// A process that takes the workspaces it is told of, each at a given instant, says how that went, and keeps them.
import { lockWorkspace } from '../../../src/main/store/lock.ts'
import { toErrorData } from '../../../src/shared/errors.ts'

process.on('message', ({ folder, at }: { folder: string; at: number }) => {
  while (Date.now() < at);
  lockWorkspace(folder, { kind: 'serve', version: '1' }).then(
    () => process.send?.('held'),
    (error: unknown) => {
      const { code, message } = toErrorData(error)
      process.send?.(`${code}: ${message}`)
    },
  )
})
process.send?.('ready')
