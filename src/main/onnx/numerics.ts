// Whether a device calculates what the CPU calculates: each check done on both, and the numbers compared.
import type { Device, DeviceCheck, Lowering, Numerics } from '../../shared/devices.ts'
import { attentionChecks } from './attention-checks.ts'
import { basicChecks } from './basic-checks.ts'
import { type Check, type CheckCase, type CheckDtype, tolerances } from './check.ts'
import { cpu } from './device.ts'
import { encode } from './encode.ts'
import { Graph, type Value } from './graph.ts'
import { cast } from './ops/elementwise.ts'
import { elsewhere, profiled } from './profile.ts'
import { Session } from './session.ts'
import type { Tensor } from './tensor.ts'

/** Calculations that must not fall to the CPU for attention to count as done on the device. */
const HEAVY = new Set(['MatMul', 'Softmax', 'GroupQueryAttention', 'FusedMatMul'])

type Found = DeviceCheck & { readonly dtype: CheckDtype; readonly lowering: Lowering | undefined }

/**
 * Does every check on the device and on the CPU; `onCheck` is told what comes next. On the CPU itself, the two
 * lowerings of attention are compared with each other, and the rest is done without anything to compare with.
 */
export async function checkNumerics(
  device: Device,
  onCheck: (title: string) => void,
): Promise<Omit<Numerics, 'gflops'>> {
  const found: Found[] = []
  const half = device.provider === 'cpu' ? false : await hasFloat16(device)
  for (const dtype of ['float32', 'float16'] as const) {
    if (dtype === 'float16' && !half) continue
    for (const check of basicChecks) {
      if (dtype === 'float16' && !check.float16) continue
      onCheck(titleOf(check, dtype))
      found.push({ ...(await compare(check, dtype, device)), dtype, lowering: undefined })
    }
    for (const check of attentionChecks) {
      onCheck(titleOf(check, dtype))
      found.push({ ...(await compare(check, dtype, device)), dtype, lowering: check.lowering })
    }
  }
  const attention = { float32: fastest(found, 'float32'), float16: fastest(found, 'float16') }
  return {
    checks: found.map(({ dtype: _dtype, lowering: _lowering, ...check }) => check),
    float32: sound(found, 'float32') && attention.float32 !== null,
    float16: half ? sound(found, 'float16') && attention.float16 !== null : null,
    attention,
  }
}

function titleOf(check: Check, dtype: CheckDtype): string {
  return dtype === 'float16' ? `${check.title} in float16` : check.title
}

function sound(found: readonly Found[], dtype: CheckDtype): boolean {
  return found
    .filter((check) => check.dtype === dtype && !check.lowering)
    .every(({ state }) => state === 'passed')
}

function fastest(found: readonly Found[], dtype: CheckDtype): Lowering | null {
  const passed = (lowering: Lowering) => {
    const checks = found.filter((check) => check.dtype === dtype && check.lowering === lowering)
    return checks.length > 0 && checks.every(({ state }) => state === 'passed')
  }
  return (['fused', 'spelled-out'] as const).find(passed) ?? null
}

/** Whether float16 products run on the device at all. */
async function hasFloat16(device: Device): Promise<boolean> {
  const [product] = basicChecks as [Check]
  try {
    const { onCpu } = await runCases(product.build, 'float16', device, product.cases())
    return !onCpu.includes('MatMul')
  } catch {
    return false
  }
}

async function compare(check: Check, dtype: CheckDtype, device: Device): Promise<DeviceCheck> {
  const tolerance = tolerances[dtype]
  const facts = {
    id: dtype === 'float16' ? `${check.id}-float16` : check.id,
    title: titleOf(check, dtype),
    tolerance,
  }
  const cases = check.cases()
  const reference = await runCases(check.reference ?? check.build, 'float32', cpu, cases)
  let ran: Ran
  try {
    ran = await runCases(check.build, dtype, device, cases)
  } catch (error) {
    return { ...facts, state: 'unsupported', error: null, note: lastLine(error), onCpu: [] }
  }
  const { onCpu } = ran
  const missing = onCpu.find((op) => HEAVY.has(op))
  if (missing) {
    const note = `${missing} has no ${dtype} kernel there and was left to the CPU.`
    return { ...facts, state: 'unsupported', error: null, note, onCpu }
  }
  const errors = cases.map(({ label, lengths }, index) => ({
    label,
    error: difference(ran.outputs[index] ?? {}, reference.outputs[index] ?? {}, lengths),
  }))
  const wrong = errors.filter(({ error }) => !(error <= tolerance))
  return {
    ...facts,
    state: wrong.length === 0 ? 'passed' : 'failed',
    error: Math.max(...errors.map(({ error }) => error)),
    note: wrong.length === 0 ? null : `Differs at ${wrong.map(({ label }) => label).join(', ')}.`,
    onCpu,
  }
}

type Outputs = Readonly<Record<string, Tensor>>

interface Ran {
  readonly outputs: readonly Outputs[]
  readonly onCpu: string[]
}

async function runCases(
  build: Check['build'],
  dtype: CheckDtype,
  device: Device,
  cases: readonly CheckCase[],
): Promise<Ran> {
  const graph = new Graph('check')
  const results = Object.entries(build(graph, (value: Value) => cast(value, dtype)))
  for (const [name, value] of results) {
    graph.output(name, value.dtype === 'float16' ? cast(value, 'float32') : value)
  }
  const outputs: Outputs[] = []
  const model = encode(graph)
  const placed = await profiled(async (profile) => {
    const names = results.map(([name]) => name)
    const session = await Session.open(model, { device, outputs: names, profile })
    try {
      for (const { feeds } of cases) outputs.push(await session.run(fedTo(graph, feeds)))
    } finally {
      await session.close()
    }
  })
  return { outputs, onCpu: elsewhere(placed, device) }
}

/** Not every build reads everything a case has. */
function fedTo(graph: Graph, feeds: CheckCase['feeds']): CheckCase['feeds'] {
  const names = new Set(graph.inputs.map(({ name }) => name))
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name)))
}

/** The largest difference of any output, divided by the largest number of its reference; NaN counts as infinite. */
function difference(got: Outputs, wanted: Outputs, lengths: readonly number[] | undefined): number {
  let worst = 0
  for (const [name, reference] of Object.entries(wanted)) {
    const { shape, data } = reference
    const found = got[name]?.data ?? []
    const [batch = 1, rows = 1] = shape
    const width = data.length / (batch * rows)
    let largest = 0
    let apart = 0
    for (let index = 0; index < data.length; index++) {
      const row = Math.floor(index / width)
      if (row % rows >= (lengths?.[Math.floor(row / rows)] ?? rows)) continue
      const [a, b] = [Number(found[index]), Number(data[index])]
      largest = Math.max(largest, Math.abs(b))
      apart = Math.max(apart, Number.isFinite(a) ? Math.abs(a - b) : Number.MAX_VALUE)
    }
    worst = Math.max(worst, largest === 0 ? apart : apart / largest)
  }
  return worst
}

function lastLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.trim().split('\n').at(-1) ?? message
}
