// The lint rule for import boundaries: every import of a file below src is checked against the table of layers.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { layerOf, layers } from './layers.mjs'

const builtins = new Set(builtinModules)

export const layering = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      layer: 'src/{{from}} may not import src/{{to}}. It may import: {{allowed}}.',
      package: 'src/{{from}} may not import the package "{{to}}". It may import: {{allowed}}.',
      node: 'src/{{from}} runs where Node does not: it may not import "{{to}}".',
      value: 'src/{{from}} may import only types of "{{to}}", so that tests can put fakes in its place.',
      outside: 'Files below src may not import "{{to}}", which lies outside.',
    },
  },
  create(context) {
    const file = `/${context.filename.replaceAll('\\', '/')}`
    const start = file.lastIndexOf('/src/')
    if (start < 0) return {}
    const path = file.slice(start + '/src/'.length)
    const from = layerOf(path)
    if (!from) return {}

    function check(node, source, typeOnly) {
      const problem = judge(path, from, source, typeOnly)
      if (problem) context.report({ node, ...problem })
    }
    return {
      ImportDeclaration: (node) => check(node, node.source.value, node.importKind === 'type'),
      ImportExpression: (node) => node.source.type === 'Literal' && check(node, node.source.value, false),
      ExportNamedDeclaration: (node) =>
        node.source && check(node, node.source.value, node.exportKind === 'type'),
      ExportAllDeclaration: (node) => check(node, node.source.value, node.exportKind === 'type'),
    }
  },
}

function judge(path, from, source, typeOnly) {
  const rules = layers[from]
  if (source.startsWith('.')) {
    const target = posix.join(posix.dirname(path), source)
    if (source.endsWith('.css') && target.startsWith('renderer/')) return null
    if (target.startsWith('..')) {
      // the version is the one thing outside that code reads
      return target === '../package.json' ? null : { messageId: 'outside', data: { to: source } }
    }
    const to = layerOf(target)
    if (to && rules.layers.includes(to)) return null
    if (to && to.startsWith(`${from}/`)) return null
    return { messageId: 'layer', data: { from, to: to ?? target, allowed: rules.layers.join(', ') } }
  }
  const name = source.replace(/^node:/, '')
  if (source.startsWith('node:') || builtins.has(name.split('/')[0])) {
    return rules.node ? null : { messageId: 'node', data: { from, to: source } }
  }
  const parts = source.split('/')
  const packageName = source.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]
  const matches = (pattern) =>
    pattern.endsWith('/*') ? packageName.startsWith(pattern.slice(0, -1)) : pattern === packageName
  if (rules.packages.some(matches)) return null
  if (rules.typesOnly?.some(matches))
    return typeOnly ? null : { messageId: 'value', data: { from, to: source } }
  return { messageId: 'package', data: { from, to: packageName, allowed: rules.packages.join(', ') } }
}

/** Every source file opens with a comment that says what it is for. */
export const openingSentence = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: 'Open the file with one sentence (a comment) that says what it is for.' },
  },
  create(context) {
    return {
      Program(node) {
        const first = context.sourceCode.getAllComments()[0]
        const ok = first && first.loc.start.line === 1 && first.value.trim().length > 20
        if (!ok) context.report({ node, loc: { line: 1, column: 0 }, messageId: 'missing' })
      },
    }
  },
}
