// `monoscope doctor`: what this machine computes with, what is missing, and how to get it; also where no workspace can be.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { PlatformReport } from '../../shared/contract/devices.ts'
import type { HostDescription } from '../../shared/contract/host.ts'
import { type DeviceStatus, type DevicesState, isSlow } from '../../shared/devices.ts'
import { MonoscopeError } from '../../shared/errors.ts'
import { formatBytes, formatNumber } from '../../shared/units.ts'
import { connect, type Connection } from './connect.ts'
import type { Output } from './output.ts'

/** Compares a model in float16 with transformers on the chosen device. */
const HALF_PARITY = 'monoscope parity MODEL REFERENCE --precision float16'

interface Report extends PlatformReport, DevicesState {
  readonly monoscope: string
  readonly host: { readonly kind: string; readonly pid: number; readonly attached: boolean }
  readonly machine: HostDescription['machine']
  readonly workspace: {
    readonly path: string
    readonly freeBytes: number | null
    /** Why it cannot be opened; null when it can, or is yet to be made. */
    readonly problem: string | null
  }
}

export function addDoctor(program: Command, output: Output): void {
  program
    .command('doctor')
    .description('Probe the devices, and say what is missing and how to get it.')
    .option('--again', 'probe again, whatever was found earlier')
    .action(async ({ again }: { again?: boolean }) => {
      const path = resolve(String(program.opts().workspace))
      const report = await examine(path, again === true, output)
      output.result(report, lines(report))
      if (report.chosen === null) output.exitCode = 1
    })
}

async function examine(path: string, again: boolean, output: Output): Promise<Report> {
  const { connection, problem, close } = await reach(path, output)
  try {
    const { client } = connection
    await connection.admit()
    if (again) await client.call('devices.probe', undefined)
    const stop = client.subscribe('devices.watch', undefined, {
      state: ({ devices }) => output.status(progressOf(devices)),
    })
    const [platform, state, host] = await Promise.all([
      client.call('devices.platform', undefined),
      client.call('devices.list', undefined),
      client.call('host.describe', undefined),
    ])
    stop()
    return {
      monoscope: host.version,
      host: { kind: host.kind, pid: host.pid, attached: connection.attached },
      ...platform,
      machine: host.machine,
      workspace: { path, freeBytes: await freeAt(path), problem },
      ...state,
    }
  } finally {
    await close()
  }
}

interface Reached {
  readonly connection: Connection
  readonly problem: string | null
  close(): Promise<void>
}

/** The workspace's host; one of a passing workspace where there is none, or it cannot be opened. */
async function reach(path: string, output: Output): Promise<Reached> {
  const say = (text: string) => output.say(text)
  let problem: string | null = null
  if (existsSync(path)) {
    try {
      const connection = await connect(path, say)
      return { connection, problem, close: () => connection.close() }
    } catch (error) {
      if (!(error instanceof MonoscopeError)) throw error
      problem = error.message
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-doctor-'))
  const connection = await connect(folder, say)
  const close = async () => {
    await connection.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { connection, problem, close }
}

/** Bytes free where the workspace is, or would be. */
async function freeAt(path: string): Promise<number | null> {
  let folder = path
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  )
}

function progressOf(devices: readonly DeviceStatus[]): string {
  const probed = devices.find(({ state }) => state === 'probing')
  return probed ? `Probing ${probed.name}: ${probed.checking ?? ''}` : ''
}

function lines(report: Report): string[] {
  const { machine, workspace, gpus } = report
  const bytes = (amount: number | null) => (amount === null ? 'unknown' : formatBytes(amount))
  const row = (name: string, text: string) => `${name.padEnd(16)}${text}`
  const host = report.host.attached
    ? `${report.host.kind}, process ${report.host.pid}`
    : 'none; this command is its own'
  return [
    row('Monoscope', report.monoscope),
    row('running host', host),
    row('onnxruntime', report.onnxruntime),
    row('Node', report.node),
    row('Electron', report.electron ?? 'not this host'),
    row('system', machine.platform),
    row('processor', `${machine.cpu}, ${machine.cores} cores`),
    row('memory', bytes(machine.memory)),
    row('workspace', workspace.path),
    row('disk', `${bytes(workspace.freeBytes)} free`),
    ...(workspace.problem === null ? [] : [row('', workspace.problem)]),
    ...gpus.map((gpu) =>
      row(`GPU ${gpu.index}`, `${gpu.name}, ${bytes(gpu.memory)}, driver ${gpu.driver ?? 'unknown'}`),
    ),
    row('CUDA', report.cuda === null ? 'no NVIDIA driver' : `the driver runs up to ${report.cuda}`),
    row('CUDA libraries', report.libraries.join(' ') || 'none the loader knows'),
    '',
    ...report.devices.flatMap((device) => deviceLines(device, report)),
  ]
}

function deviceLines(device: DeviceStatus, { chosen, devices }: DevicesState): string[] {
  const { id, name, state, reason, fix, numerics } = device
  const more = (text: string) => `    ${text}`
  const title = name.toLowerCase() === id ? name : `${id}  ${name}`
  const mark = state === 'usable' ? '✓' : '✗'
  const checks = numerics?.checks ?? []
  const passed = checks.filter((check) => check.state === 'passed').length
  return [
    `${mark} ${title}${id === chosen ? '  (work runs here)' : ''}`,
    ...(reason === null ? [] : [more(reason)]),
    ...(fix ? [more(fix.text)] : []),
    ...(fix?.command === undefined ? [] : [more(`  ${fix.command}`)]),
    ...(numerics ? [more(`${passed} of ${checks.length} calculations agree with the CPU's`)] : []),
    ...checks
      .filter((check) => check.state !== 'passed')
      .map((check) => more(`  ${check.title}: ${check.note ?? check.state}`)),
    ...(numerics
      ? [
          more(
            `${formatNumber(numerics.gflops)} GFLOP/s${isSlow(device, devices) ? ', slower than the CPU: used only when it is chosen' : ''}`,
          ),
          more(`attention: ${numerics.attention.float32 ?? 'none'} in float32`),
          more(
            `float16: ${numerics.float16 === null ? 'not checked' : numerics.float16 ? 'agrees' : 'wrong'}`,
          ),
          ...(numerics.float16 ? [more(`  a whole model: ${HALF_PARITY}`)] : []),
        ]
      : []),
  ]
}
