// JSON from strangers: its depth, size and names are checked before anything is built from it.
import { expected, type MonoscopeError } from '../../shared/errors.ts'

interface Bounds {
  /** What the text is, as messages call it: a path, or "the header of …". */
  readonly source: string
  /** Objects and arrays inside one another. */
  readonly depth: number
  /** Numbers, strings, objects and arrays altogether. */
  readonly values: number
}

/** The value of `bytes`, UTF-8. Throws `checkpoint/bad-json`: no JSON, beyond the bounds, or a name given twice. */
export function parseBoundedJson(bytes: Uint8Array, bounds: Bounds): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw bad(bounds.source, 'it is not UTF-8 text', error)
  }
  checkStructure(text, bounds)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw bad(bounds.source, error instanceof Error ? error.message : String(error), error)
  }
}

/** One pass over the text; what is not JSON otherwise is left to the parser. */
function checkStructure(text: string, { source, depth, values }: Bounds): void {
  // the names of each open object; an array has none
  const open: (Set<string> | null)[] = []
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = stringEnd(text, at)
      const names = open.at(-1)
      if (names && isName(text, end)) claim(names, text.slice(at, end), source)
      at = end - 1
    } else if (char === '{' || char === '[') {
      count++
      open.push(char === '{' ? new Set() : null)
      if (open.length > depth) throw bad(source, `more than ${depth} levels are inside one another`)
    } else if (char === '}' || char === ']') {
      open.pop()
    } else if (char === ',') {
      count++
    }
    if (count > values) throw bad(source, `it has more than ${values} values`)
  }
}

/** Behind the closing quote of the string that begins at `start`, or the text's end. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function isName(text: string, end: number): boolean {
  let at = end
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}

function claim(names: Set<string>, quoted: string, source: string): void {
  let name: unknown
  try {
    // the same name can be written in several ways
    name = JSON.parse(quoted)
  } catch {
    return
  }
  if (names.has(name as string)) throw bad(source, `${quoted} is given twice`)
  names.add(name as string)
}

function bad(source: string, why: string, cause?: unknown): MonoscopeError {
  return expected(
    'checkpoint/bad-json',
    `Cannot read ${source}: ${why}.`,
    'The file is damaged or was not written by a tool that saves models: fetch it again.',
    cause,
  )
}
