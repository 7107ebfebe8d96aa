// Adam (Kingma and Ba, 2015), and the clipping of gradients by their global norm.
import { sameShape } from './dims.ts'
import { dtypes } from './dtype.ts'
import { misfit, type Value } from './graph.ts'
import { scan } from './ops/control.ts'
import { add, cast, div, exp, max, min, mul, type Operand, sqrt, square, sub } from './ops/elementwise.ts'
import { reduceSum } from './ops/reduce.ts'
import { reshape } from './ops/shape.ts'

/**
 * What Adam keeps of one parameter, in its shape or that of `momentShape`: running means of its gradient and of that
 * squared. In float16 they take half the memory: then both are held `HALF_SCALE` times larger, the second as its root.
 * What the rounding swallows of the second makes steps up to a fifth longer where gradients are rarely not zero.
 */
export interface Moments {
  readonly first: Value
  readonly second: Value
}

/** Brings gradients of a global norm of 1 over 10⁸ parameters into the middle of what float16 tells apart. */
export const HALF_SCALE = 4096
const HALF_LARGEST = 65_504

export interface AdamOptions {
  /** The learning rate, a number or a scalar. */
  readonly rate: Operand
  /** How many steps there are with this one, as a scalar of the parameters' type: 1 for the first. */
  readonly step: Value
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /**
   * Elements updated together. A block that stays in a core's cache costs one pass over memory where the whole costs
   * a dozen; only devices with a kernel for Scan (CPU, CUDA) can work in blocks.
   */
  readonly block?: number | undefined
}

/** The corrections of the moments' start at zero, the same for every parameter of a step. */
function corrections({ rate, step, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions) {
  // 1 − βᵗ as exp(t·ln β): a power of a constant has no kernel of its own on some devices
  const first = sub(1, exp(mul(step, Math.log(beta1))))
  const second = sqrt(sub(1, exp(mul(step, Math.log(beta2)))))
  return { beta1, beta2, scale: div(mul(second, rate), first), epsilon: mul(second, epsilon) }
}

/** One step of Adam for each parameter, numerically that of PyTorch's `Adam` without weight decay. */
export function adam(
  parameters: readonly Value[],
  gradients: readonly Value[],
  moments: readonly Moments[],
  options: AdamOptions,
): { parameters: Value[]; moments: Moments[] } {
  const { beta1, beta2, scale, epsilon } = corrections(options)
  const update = ([p, g, ...kept]: [Value, Value, Value, Value]): [Value, Value, Value] => {
    const [m, v] = kept[0].dtype === p.dtype ? kept : unpacked(kept, p)
    const first = add(mul(m, beta1), mul(g, 1 - beta1))
    const second = add(mul(v, beta2), mul(square(g), 1 - beta2))
    const root = sqrt(second)
    const next = sub(p, mul(div(first, add(root, epsilon)), scale))
    if (m === kept[0]) return [next, first, second]
    return [next, packed(first, kept[0]), packed(root, kept[1])]
  }
  const updated = parameters.map((parameter, index): [Value, Value, Value] => {
    const [g, kept] = [gradients[index], moments[index]]
    if (!g || !kept) throw misfit('adam', parameters, 'every parameter needs a gradient and moments.')
    const all: [Value, Value, Value, Value] = [parameter, g, kept.first, kept.second]
    const blocked = momentShape(parameter, options.block)
    if (sameShape(blocked, parameter.shape)) return update(all)
    const over = all.map((value) => reshape(value, blocked))
    const results = scan({ over, body: (slices) => update(slices as typeof all) })
    return results.map((value, at) => reshape(value, [parameter, kept.first, kept.second][at]!.shape)) as [
      Value,
      Value,
      Value,
    ]
  })
  return {
    parameters: updated.map(([parameter]) => parameter),
    moments: updated.map(([, first, second]) => ({ first, second })),
  }
}

/** Moments as they are calculated with, from those kept in float16. */
function unpacked([first, root]: readonly [Value, Value], { dtype }: Value): [Value, Value] {
  const full = (value: Value) => mul(cast(value, dtype), 1 / HALF_SCALE)
  return [full(first), square(full(root))]
}

function packed(value: Value, { dtype }: Value): Value {
  // what float16 cannot hold stays at its largest: one exploding gradient makes no infinity that never goes away
  return cast(max(min(mul(value, HALF_SCALE), HALF_LARGEST), -HALF_LARGEST), dtype)
}

function elements({ shape }: Pick<Value, 'shape'>): number {
  return shape.reduce<number>((total, size) => {
    if (typeof size !== 'number')
      throw new Error(`adam: a parameter’s shape must be known, not [${shape.join(', ')}].`)
    return total * size
  }, 1)
}

/**
 * The shape in which moments are best kept between steps: equal blocks of at most about `block` elements, which then
 * need not be copied; the parameter's own where it is not worked on in blocks, or no near number divides it.
 */
export function momentShape(parameter: Pick<Value, 'shape'>, block: number | undefined): readonly number[] {
  const shape = parameter.shape as readonly number[]
  const total = elements(parameter)
  const wanted = block === undefined ? 1 : Math.ceil(total / block)
  if (wanted === 1) return shape
  for (let blocks = wanted; blocks < 2 * wanted; blocks++)
    if (total % blocks === 0) return [blocks, total / blocks]
  return shape
}

/** √(Σ g²), the length of a gradient. */
export function normOf(gradient: Value): Value {
  return sqrt(reduceSum(square(gradient)))
}

/**
 * Scales all gradients down together so that the norm of all of them is at most `limit` (Pascanu et al., 2013); `norms`
 * are those of each. As PyTorch does, a little is added so that a norm of zero divides nothing by zero.
 */
export function clipByGlobalNorm(
  gradients: readonly Value[],
  norms: readonly Value[],
  limit: Operand,
): { gradients: Value[]; norm: Value } {
  const norm = sqrt(norms.map(square).reduce((a, b) => add(a, b)))
  const factor = min(div(limit, add(norm, smallest(norm))), 1)
  return { gradients: gradients.map((g) => mul(g, factor)), norm }
}

function smallest(value: Value): number {
  return dtypes[value.dtype].bytes < 4 ? 1e-4 : 1e-6
}
