// No file of the product imports, by whatever way, one that imports it: types live where both sides may reach them.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

/** What each file imports of the others, the types included. */
type Imports = ReadonlyMap<string, readonly string[]>

/** Gradients are made of the operations whose gradients they are. */
const mutual = 'main/onnx/ops/'

it('finds a circle, and leaves one-way imports alone', () => {
  const circle = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b', 'd']],
    ['d', []],
  ])
  expect(inCircles(circle)).toEqual(['b', 'c'])
})

it('finds none in the product', () => {
  expect(inCircles(productImports()).filter((file) => !file.startsWith(mutual))).toEqual([])
})

/** Those from which a way leads back to themselves. */
function inCircles(imports: Imports): string[] {
  return [...imports.keys()].filter((file) => {
    const seen = new Set<string>()
    const next = [...imports.get(file)!]
    for (let one = next.pop(); one !== undefined; one = next.pop()) {
      if (seen.has(one)) continue
      seen.add(one)
      next.push(...(imports.get(one) ?? []))
    }
    return seen.has(file)
  })
}

function productImports(): Imports {
  const source = fileURLToPath(new URL('../../src', import.meta.url))
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(source, file), 'utf8')
      const found = [...text.matchAll(/^(?:import|export|\} from).*'(\.[^']+)'$/gm)]
      return [file, found.map(([, path]) => join(dirname(file), path!).replaceAll('\\', '/'))]
    }),
  )
}
