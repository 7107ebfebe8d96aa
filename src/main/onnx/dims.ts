// Dimensions of tensors: numbers, letters, and sums and products of them such as "P+T" or "B*T".

/** A size known while the graph is built, or an expression in letters whose sizes a run decides. */
export type Dim = number | string
export type Shape = readonly Dim[]

/** A polynomial: sorted letters joined by "*" ("" for the constant term) → coefficient. */
type Terms = Map<string, number>

function terms(dim: Dim): Terms {
  const result: Terms = new Map()
  if (typeof dim === 'number') return result.set('', dim)
  for (const term of dim.split('+')) {
    let coefficient = 1
    const letters: string[] = []
    for (const factor of term.split('*')) {
      if (/^-?\d+$/.test(factor)) coefficient *= Number(factor)
      else if (/^[A-Za-z]\w*$/.test(factor)) letters.push(factor)
      else throw new Error(`"${dim}" is not a dimension: letters, numbers, "*" and "+" make one.`)
    }
    const key = letters.sort().join('*')
    result.set(key, (result.get(key) ?? 0) + coefficient)
  }
  return result
}

function toDim(polynomial: Terms): Dim {
  const parts = [...polynomial].filter(([, coefficient]) => coefficient !== 0)
  const constant = parts.find(([letters]) => letters === '')?.[1] ?? 0
  const symbolic = parts.filter(([letters]) => letters !== '').sort(([a], [b]) => (a < b ? -1 : 1))
  if (symbolic.length === 0) return constant
  const words = symbolic.map(([letters, coefficient]) =>
    coefficient === 1 ? letters : `${coefficient}*${letters}`,
  )
  return (constant === 0 ? words : [...words, String(constant)]).join('+')
}

/** The same dimension in its one spelling: "T+P" becomes "P+T". */
export function dim(of: Dim): Dim {
  return typeof of === 'number' ? of : toDim(terms(of))
}

export function sum(...dims: Dim[]): Dim {
  const total: Terms = new Map()
  for (const one of dims) {
    for (const [letters, coefficient] of terms(one)) {
      total.set(letters, (total.get(letters) ?? 0) + coefficient)
    }
  }
  return toDim(total)
}

export function difference(from: Dim, take: Dim): Dim {
  return sum(from, product(-1, take))
}

export function product(...dims: Dim[]): Dim {
  let total: Terms = new Map([['', 1]])
  for (const one of dims) {
    const next: Terms = new Map()
    for (const [left, a] of total) {
      for (const [right, b] of terms(one)) {
        const key = [...left.split('*'), ...right.split('*')].filter(Boolean).sort().join('*')
        next.set(key, (next.get(key) ?? 0) + a * b)
      }
    }
    total = next
  }
  return toDim(total)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** The letters a dimension is made of, and how: each term's coefficient and its letters. */
export function termsOf(of: Dim): { coefficient: number; letters: string[] }[] {
  return [...terms(of)].map(([letters, coefficient]) => ({
    coefficient,
    letters: letters.split('*').filter(Boolean),
  }))
}

/** The shape of an element-wise result (numpy's rules), or undefined when the two do not fit. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const result: Dim[] = []
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left !== right && left !== 1 && right !== 1) return undefined
    result.push(left === 1 ? right : left)
  }
  return result
}

/** "-1" counted from the end, as numpy does; throws when there is no such axis. */
export function axisOf(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(result) || result < 0 || result >= rank) {
    throw new Error(`There is no axis ${axis} in a tensor of rank ${rank}.`)
  }
  return result
}
