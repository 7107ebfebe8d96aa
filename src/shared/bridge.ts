// What the Electron preload script and the page say to each other: a description of the host, and a port on request.

/** `window.monoscope` in Electron; absent in a browser. */
export interface HostBridge {
  readonly kind: 'electron'
  /** Where a file or folder that was dropped on the page lies; empty for one that lies nowhere. */
  pathOf(file: object): string
}

/** Page → preload → main: "I want a port". */
export const CONNECT_MESSAGE = 'monoscope:connect'
/** Main → preload → page: "here it is" (the port comes with the message). */
export const PORT_MESSAGE = 'monoscope:port'
