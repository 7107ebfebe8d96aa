// The port to the process that started this one: Electron's parent port, or the channel of a forked Node process.
import { MessagePortPort, type MessagePortLike } from '../../shared/wire/message-port.ts'
import type { Port } from '../../shared/wire/port.ts'
import { ProcessPort } from './process-port.ts'

export function parentPort(): Port {
  const { parentPort } = process as { parentPort?: MessagePortLike }
  return parentPort ? new MessagePortPort(parentPort) : new ProcessPort(process)
}
