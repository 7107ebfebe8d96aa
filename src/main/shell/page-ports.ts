// Gives the page a port to the host when it asks: only our own page, only in the main frame of a window.
import type { IpcMainEvent } from 'electron'
import { CONNECT_MESSAGE, PORT_MESSAGE } from '../../shared/bridge.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import { MessagePortPort } from '../../shared/wire/message-port.ts'
import type { Service } from '../../shared/wire/service.ts'
import type { Electron } from './electron.ts'
import { isOwnPage } from './origin.ts'

export function givePorts(
  { ipcMain, MessageChannelMain }: Pick<Electron, 'ipcMain' | 'MessageChannelMain'>,
  service: Service<AppContract>,
): void {
  ipcMain.on(CONNECT_MESSAGE, (event: IpcMainEvent) => {
    const frame = event.senderFrame
    if (frame?.parent !== null || !isOwnPage(frame.url)) return
    const { port1, port2 } = new MessageChannelMain()
    service.connect(new MessagePortPort(port1))
    frame.postMessage(PORT_MESSAGE, null, [port2])
  })
}
