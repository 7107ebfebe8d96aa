// Which error codes the source has, each with the messages it comes with; values in a message are written as "…".
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Codes whose end is decided while the program runs, and what they can be. */
const decided: Readonly<Record<string, readonly string[]>> = {
  '${noun}/unknown': ['harvest/unknown', 'sae/unknown'],
  '${noun}/ambiguous': ['harvest/ambiguous', 'sae/ambiguous'],
  'features/${other.state}': ['features/outdated', 'features/damaged'],
  'models/${state}': ['models/missing', 'models/changed'],
  'job/${job.state}': ['job/cancelled', 'job/paused'],
}
/** Errors that are passed on with the code they have. */
const passedOn = new Set(['error.code', 'explanation.code'])
const shape = /^[a-z\d]+\/[a-z\d-]+$/
/** Said of every kind of error, without a place in the source that chooses it. */
const general: readonly (readonly [string, string])[] = [
  ['bug', 'Something went wrong inside Monoscope: …'],
  ['cancelled', 'Cancelled.'],
]

/** Of every code under `folder`, its messages; throws for one that is made up while the program runs and not listed above. */
export function errorCodes(folder: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>(general.map(([code, message]) => [code, new Set([message])]))
  const add = (code: string, messages: readonly string[]) => {
    const known = found.get(code) ?? new Set()
    messages.forEach((message) => known.add(message))
    found.set(code, known)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'expected') {
      const [code, message] = node.arguments
      if (code) for (const each of codesOf(code)) add(each, message ? textsOf(message) : [])
    } else if (ts.isObjectLiteralExpression(node)) {
      const code = property(node, 'code')
      const message = property(node, 'message') ?? property(node, 'what')
      if (code && isCode(code)) for (const each of codesOf(code)) add(each, message ? textsOf(message) : [])
    }
    ts.forEachChild(node, visit)
  }
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.tsx?$/.test(path)) continue
    const text = readFileSync(join(folder, path), 'utf8')
    // parsing is what takes the time
    if (!/expected\(|code: ['`]/.test(text) || path === join('shared', 'errors.ts')) continue
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  }
  return found
}

function isCode(node: ts.Expression): boolean {
  return ts.isStringLiteral(node) ? shape.test(node.text) : node.getText().slice(1, -1) in decided
}

function codesOf(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteral(node)) return [node.text]
  if (ts.isConditionalExpression(node)) return [...codesOf(node.whenTrue), ...codesOf(node.whenFalse)]
  const written = node.getText()
  if (passedOn.has(written)) return []
  const codes = decided[written.slice(1, -1)]
  if (!codes) throw new Error(`What can the code ${written} be? Say so in test/docs/error-codes.ts.`)
  return codes
}

function textsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')]
  }
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression)
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)]
  if (ts.isBinaryExpression(node)) {
    const rights = textsOf(node.right)
    return textsOf(node.left).flatMap((left) => rights.map((right) => left + right))
  }
  return []
}

function property(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const each of node.properties) {
    if (ts.isPropertyAssignment(each)) {
      if (each.name.getText() === name) return each.initializer
    } else if (ts.isSpreadAssignment(each) && ts.isObjectLiteralExpression(each.expression)) {
      const inner = property(each.expression, name)
      if (inner) return inner
    }
  }
  return undefined
}
