// A tunnel to a served app that can be cut and mended, as an SSH connection is.
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface Tunnel {
  readonly port: number
  /** Ends every connection and lets no new one in. */
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function openTunnel(target: number): Promise<Tunnel> {
  const sockets = new Set<Socket>()
  let server: Server
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server = createServer((near) => {
        const far = connect(target, '127.0.0.1')
        for (const socket of [near, far]) {
          sockets.add(socket)
          socket.on('error', () => undefined)
          socket.on('close', () => {
            sockets.delete(socket)
            near.destroy()
            far.destroy()
          })
        }
        near.pipe(far).pipe(near)
      })
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
  const port = await listen(0)
  return {
    port,
    cut: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
    mend: async () => void (await listen(port)),
  }
}
