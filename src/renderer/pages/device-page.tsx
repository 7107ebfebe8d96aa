// The machine Monoscope runs on: processor, memory, disk.
import { Title } from '@mantine/core'
import { formatBytes } from '../../shared/units.ts'
import { useApp } from '../state/app.ts'

export function DevicePage() {
  const host = useApp((state) => state.host)
  if (!host) return null
  const { machine, workspace } = host
  const facts = [
    ['computer', machine.hostname],
    ['system', machine.platform],
    ['processor', `${machine.cpu}, ${machine.cores} cores`],
    ['memory', formatBytes(machine.memory)],
    [
      'free on the workspace’s disk',
      workspace.freeBytes === null ? 'unknown' : formatBytes(workspace.freeBytes),
    ],
    ['heavy work runs on', host.device],
  ] as const
  return (
    <div className="page">
      <div className="page-head">
        <Title order={1}>Device</Title>
        <span className="muted">What this machine has to work with.</span>
      </div>
      <section className="card">
        <dl className="facts">
          {facts.map(([name, value]) => (
            <Row key={name} name={name} value={value} />
          ))}
        </dl>
      </section>
    </div>
  )
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  )
}
