// Whole lines out of a stream of bytes; a line without end is cut so that it cannot fill the memory.
import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

const LONGEST = 64 * 1024

/** Calls `onLine` for each line of `stream`, the last one included, and `onEnd` after it. */
export function eachLine(stream: Readable, onLine: (line: string) => void, onEnd: () => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > LONGEST) {
      lines.push(rest)
      rest = ''
    }
    for (const line of lines) onLine(line.replace(/\r$/, ''))
  })
  const finish = () => {
    if (rest) onLine(rest)
    rest = ''
    onEnd()
  }
  stream.once('close', finish)
}
