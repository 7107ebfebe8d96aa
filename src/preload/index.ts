// Hands one MessagePort and a frozen description of the host to the page, and the paths of what is dropped on it.
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { CONNECT_MESSAGE, type HostBridge, PORT_MESSAGE } from '../shared/bridge.ts'

const bridge: HostBridge = Object.freeze({
  kind: 'electron',
  pathOf: (file: object) => (file instanceof File ? webUtils.getPathForFile(file) : ''),
})
contextBridge.exposeInMainWorld('monoscope', bridge)

window.addEventListener('message', (event) => {
  // only the page itself may ask
  if (event.source === window && event.data === CONNECT_MESSAGE) ipcRenderer.send(CONNECT_MESSAGE)
})

ipcRenderer.on(PORT_MESSAGE, (event) => {
  window.postMessage(PORT_MESSAGE, window.location.origin, [...event.ports])
})
