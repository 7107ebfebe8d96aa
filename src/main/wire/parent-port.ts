// The port to the process that started this one: Electron's parent port, or the channel of a forked Node process.
import { type ElectronMessagePort, MessagePortPort } from '../../shared/wire/message-port.ts'
import type { Port } from '../../shared/wire/port.ts'
import { ProcessPort } from './process-port.ts'

export function parentPort(): Port {
  const { parentPort } = process as unknown as { parentPort?: ElectronMessagePort }
  return parentPort ? new MessagePortPort(parentPort) : new ProcessPort(process)
}
