// Where the values of each column lie in an Arrow IPC file, checked before anything trusts it.
import type { FileHandle } from 'node:fs/promises'
import { Schema } from 'apache-arrow'
import { Footer } from 'apache-arrow/fb/footer'
import { Message } from 'apache-arrow/fb/message'
import { MessageHeader } from 'apache-arrow/fb/message-header'
import { RecordBatch } from 'apache-arrow/fb/record-batch'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { type Column, rowBytes, toColumn } from './arrow-columns.ts'
import { CheckedBuffer } from './checked-buffer.ts'

/** One record batch: its rows, and where its header and its columns lie in the file. */
export interface BatchLayout {
  readonly firstRow: number
  readonly rows: number
  readonly header: Stretch
  readonly body: Stretch
}

/** Bytes of a file. */
export interface Stretch {
  readonly start: number
  readonly length: number
}

export interface ArrowLayout {
  readonly columns: readonly Column[]
  readonly metadata: Readonly<Record<string, string>>
  readonly batches: readonly BatchLayout[]
  readonly rows: number
}

const MAGIC = 'ARROW1'
/** The footer's length and the magic word. */
const TAIL = 4 + MAGIC.length
/** Length prefixes before a message. */
const PREFIX = 8
/** Columns of a batch begin at multiples of it. */
const ALIGNMENT = 8
/** Far above what a file of numbers needs; a damaged length is not believed. */
const MAX_FOOTER = 2 ** 26
const MAX_HEADER = 2 ** 20

/** Throws `arrow/damaged` or, for a whole file that holds something else than numbers, `arrow/foreign`. */
export async function readLayout(file: FileHandle, path: string): Promise<ArrowLayout> {
  try {
    const { size } = await file.stat()
    const footer = await readFooter(file, size)
    const schema = Schema.decode(footer.schema()!)
    const columns = columnsOf(schema, path)
    const blocks = blocksOf(footer, size)
    const counts = rowsByLength(blocks, columns) ?? (await rowsByHeader(file, blocks))
    const batches: BatchLayout[] = []
    let rows = 0
    for (const [index, block] of blocks.entries()) {
      batches.push({ ...block, firstRow: rows, rows: counts[index]! })
      rows += counts[index]!
    }
    return { columns, metadata: Object.fromEntries(schema.metadata), batches, rows }
  } catch (error) {
    if (error instanceof MonoscopeError || isSystemError(error)) throw error
    throw damaged(path, error)
  }
}

/** The error of a file that is not what was written. */
export function damaged(path: string, cause?: unknown): MonoscopeError {
  return expected(
    'arrow/damaged',
    `${path} is damaged or cut short.`,
    'Copy it again from where it came from, or make it anew.',
    cause,
  )
}

/** Fills `bytes` with what lies at `position`; throws when the file ends before. */
export async function readExactly(file: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) throw new Error(`The file ends before byte ${position + bytes.length}.`)
    done += bytesRead
  }
}

async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  await readExactly(file, position, bytes)
  return bytes
}

async function readFooter(file: FileHandle, size: number): Promise<Footer> {
  if (size < 2 * TAIL) throw new Error('The file is too short.')
  const tail = await readBytes(file, size - TAIL, TAIL)
  if (tail.toString('latin1', 4) !== MAGIC) throw new Error('The file does not end with its mark.')
  const length = tail.readInt32LE(0)
  if (length <= 0 || length > Math.min(size - 2 * TAIL, MAX_FOOTER))
    throw new Error('The footer is too long.')
  return Footer.getRootAsFooter(new CheckedBuffer(await readBytes(file, size - TAIL - length, length)))
}

function columnsOf(schema: Schema, path: string): Column[] {
  return schema.fields.map((field) => {
    const column = toColumn(field)
    if (column && !field.nullable) return column
    throw expected(
      'arrow/foreign',
      `${path} was not written by Monoscope: its column "${field.name}" is ${String(field.type)}${field.nullable ? ' with gaps' : ''}.`,
      'Choose a file of a harvest or an index.',
    )
  })
}

type Block = Pick<BatchLayout, 'header' | 'body'>

function blocksOf(footer: Footer, size: number): Block[] {
  return Array.from({ length: footer.recordBatchesLength() }, (_, index) => {
    const block = footer.recordBatches(index)!
    const [offset, body] = [Number(block.offset()), Number(block.bodyLength())]
    const header = block.metaDataLength()
    if (header <= PREFIX || header > MAX_HEADER) throw new Error(`Batch ${index} has no header.`)
    if (offset < 0 || body < 0 || offset + header + body > size)
      throw new Error(`Batch ${index} lies outside.`)
    return {
      header: { start: offset + PREFIX, length: header - PREFIX },
      body: { start: offset + header, length: body },
    }
  })
}

/**
 * How many rows each batch has, from its length alone: a file of many batches is opened without a read for each. Null
 * where rows are so narrow that what fills columns up could be one.
 */
function rowsByLength(blocks: readonly Block[], columns: readonly Column[]): number[] | null {
  const width = columns.reduce((sum, column) => sum + rowBytes(column), 0)
  if (columns.length * (ALIGNMENT - 1) >= width) return null
  return blocks.map(({ body }) => Math.floor(body.length / width))
}

async function rowsByHeader(file: FileHandle, blocks: readonly Block[]): Promise<number[]> {
  return await Promise.all(
    blocks.map(async ({ header }) => rowsOf(batchIn(await readBytes(file, header.start, header.length)))),
  )
}

/**
 * Where each column's first byte is in the file, from the bytes of the batch's header. Throws plain errors where the
 * header does not say what the file's layout does.
 */
export function startsIn(
  header: Uint8Array,
  { rows, body }: BatchLayout,
  columns: readonly Column[],
): number[] {
  const batch = batchIn(header)
  if (rowsOf(batch) !== rows) throw new Error('A batch has other rows than its length says.')
  let next = 0
  return columns.map((column) => {
    // no value is missing, so the buffers that would say which are empty: one, and one more inside a list
    next += column.width === undefined ? 1 : 2
    const buffer = next < batch.buffersLength() ? batch.buffers(next++) : null
    const [offset, length] = [Number(buffer?.offset()), Number(buffer?.length())]
    const fits = offset >= 0 && length >= rows * rowBytes(column) && offset + length <= body.length
    if (!fits) throw new Error(`A batch has too little of column "${column.name}".`)
    return body.start + offset
  })
}

function batchIn(header: Uint8Array): RecordBatch {
  const message = Message.getRootAsMessage(new CheckedBuffer(header))
  if (message.headerType() !== MessageHeader.RecordBatch) throw new Error('A batch is none.')
  return message.header(new RecordBatch()) as RecordBatch
}

function rowsOf(batch: RecordBatch): number {
  const rows = Number(batch.length())
  if (rows < 0) throw new Error('A batch has fewer rows than none.')
  return rows
}

function isSystemError(error: unknown): boolean {
  return typeof (error as { syscall?: unknown }).syscall === 'string'
}
