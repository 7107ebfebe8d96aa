// Columns of numbers: which types they may have, as arrays here and as types in Arrow.
import * as arrow from 'apache-arrow'

const types = {
  uint8: { array: Uint8Array, arrow: new arrow.Uint8() },
  uint16: { array: Uint16Array, arrow: new arrow.Uint16() },
  uint32: { array: Uint32Array, arrow: new arrow.Uint32() },
  int8: { array: Int8Array, arrow: new arrow.Int8() },
  int32: { array: Int32Array, arrow: new arrow.Int32() },
  float16: { array: Float16Array, arrow: new arrow.Float16() },
  float32: { array: Float32Array, arrow: new arrow.Float32() },
} as const

export type ColumnType = keyof typeof types
export type ColumnArray =
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int32Array | Float16Array | Float32Array

/** One column of a table; no value is ever missing. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Values a row when they are a fixed-size list; without it one, and no list. */
  readonly width?: number
}

/** Values a row. */
export function widthOf(column: Column): number {
  return column.width ?? 1
}

/** Bytes a row. */
export function rowBytes(column: Column): number {
  return types[column.type].array.BYTES_PER_ELEMENT * widthOf(column)
}

/** A view of `bytes` as the column's values. */
export function viewOf(type: ColumnType, bytes: Uint8Array<ArrayBuffer>): ColumnArray {
  const { array } = types[type]
  return new array(bytes.buffer, bytes.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT)
}

export function toField(column: Column): arrow.Field {
  const { arrow: type } = types[column.type]
  if (column.width === undefined) return new arrow.Field(column.name, type, false)
  const item = new arrow.Field('item', type, false)
  return new arrow.Field(column.name, new arrow.FixedSizeList(column.width, item), false)
}

/** The column of `field`; undefined for types that are no column of ours. */
export function toColumn(field: arrow.Field): Column | undefined {
  const list = arrow.DataType.isFixedSizeList(field.type) ? field.type : undefined
  const found = String(list ? list.valueType : field.type).toLowerCase()
  const type = Object.keys(types).find((name) => name === found) as ColumnType | undefined
  if (!type) return undefined
  return { name: field.name, type, ...(list && { width: list.listSize }) }
}

/** `values` as Arrow data, without a copy. Throws when their type or number is not the column's. */
export function toData(column: Column, rows: number, values: ColumnArray): arrow.Data {
  const { array, arrow: type } = types[column.type]
  if (!(values instanceof array) || values.length !== rows * widthOf(column)) {
    throw new Error(`Column "${column.name}" wants ${rows} x ${widthOf(column)} values of ${column.type}.`)
  }
  // Arrow keeps halves by their bits
  const data =
    column.type === 'float16' ? new Uint16Array(values.buffer, values.byteOffset, values.length) : values
  const flat = arrow.makeData({ type, data, length: values.length, nullCount: 0 } as never) as arrow.Data
  if (column.width === undefined) return flat
  const { type: listType } = toField(column) as arrow.Field<arrow.FixedSizeList>
  return arrow.makeData({ type: listType, child: flat, length: rows, nullCount: 0 })
}
