// The page's state over a real host, connected as Electron connects it: by a port handed over on request.
import { afterAll, describe, expect, it, vi } from 'vitest'
import { MessagePortPort } from '../../../src/shared/wire/message-port.ts'
import { CONNECT_MESSAGE, PORT_MESSAGE } from '../../../src/shared/bridge.ts'
import type { Port } from '../../../src/shared/wire/port.ts'
import { testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** A window whose shell answers each request for a port by calling `connect` with the other end. */
function windowWithBridge(connect: (port: Port) => void): EventTarget {
  const page = new EventTarget()
  const hand = (message: unknown) => {
    if (message !== CONNECT_MESSAGE) return
    const { port1, port2 } = new MessageChannel()
    connect(new MessagePortPort(port2))
    page.dispatchEvent(
      Object.assign(new Event('message'), { data: PORT_MESSAGE, ports: [port1], source: page }),
    )
  }
  return Object.assign(page, {
    monoscope: Object.freeze({ kind: 'electron' }),
    location: { hash: '', pathname: '/', origin: 'app://monoscope' },
    postMessage: (message: unknown) => queueMicrotask(() => hand(message)),
  })
}

describe("the page's state", () => {
  afterAll(() => vi.unstubAllGlobals())

  it('follows the host, and finds back to it with a fresh port when the connection breaks', async () => {
    const { host } = await testHost()
    const ports: Port[] = []
    const page = windowWithBridge((port) => {
      ports.push(port)
      host.service.connect(port)
    })
    vi.stubGlobal('window', page)
    const { link, useApp } = await import('../../../src/renderer/state/app.ts')

    await vi.waitFor(() => expect(useApp.getState().host?.workspace.path).toBe(host.workspace.path))
    await vi.waitFor(() => {
      const { status, jobs, settings, machine } = useApp.getState()
      expect(status.state).toBe('open')
      expect(jobs).toEqual([])
      expect(settings?.appearance).toBe('system')
      expect(machine?.machineMemoryTotal).toBeGreaterThan(0)
    })

    const job = await link.call('jobs.start', {
      kind: 'checksum',
      params: { folder: await temporaryFolder() },
    })
    const stateOf = () => useApp.getState().jobs?.find(({ id }) => id === job.id)?.state
    await vi.waitFor(() => expect(stateOf()).toBe('done'), { timeout: 20_000 })

    const seen: string[] = []
    useApp.subscribe(({ status }) => seen.push(status.state))
    ports[0]?.close()
    await vi.waitFor(() => expect(seen).toContain('waiting'))
    // asked meanwhile, answered by the next connection
    await link.call('settings.set', { appearance: 'dark' })
    await vi.waitFor(() => expect(useApp.getState().settings?.appearance).toBe('dark'))
    expect(useApp.getState().status.state).toBe('open')
    expect(ports).toHaveLength(2)
    link.close()
  })
})
