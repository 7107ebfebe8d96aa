// A graph as text for a person: what goes in, each operation on a line, what comes out.
import type { Attribute, Graph, Node } from './graph.ts'

export function print(graph: Graph, indent = ''): string {
  const inner = `${indent}  `
  const lines = [`${indent}graph ${graph.name} {`]
  for (const value of graph.inputs) lines.push(`${inner}in   ${value}`)
  for (const { value, data } of graph.weights) {
    lines.push(
      `${inner}with ${value}${'file' in data ? ` from ${data.file} at ${data.offset}` : numbers(data)}`,
    )
  }
  for (const node of graph.nodes) lines.push(...printNode(node, inner))
  for (const value of graph.outputs) lines.push(`${inner}out  ${value}`)
  return [...lines, `${indent}}`].join('\n')
}

/** Short constants are written out. */
function numbers(data: ArrayLike<number | bigint>): string {
  return data.length <= 8 ? ` = ${Array.from(data).join(' ')}` : ''
}

function printNode(node: Node, indent: string): string[] {
  const inputs = node.inputs.map((input) => input?.name ?? '–')
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => `${name}=${printAttribute(value)}`,
  )
  const line = `${indent}${node.outputs.map(String).join(', ')} = ${node.op}(${[...inputs, ...attributes].join(', ')})`
  return [line, ...Object.values(node.bodies).flatMap((body) => print(body, `${indent}  `).split('\n'))]
}

function printAttribute(value: Attribute): string {
  if (typeof value === 'object' && 'float' in value) return String(value.float)
  return typeof value === 'object' ? `[${value.join(' ')}]` : String(value)
}
