// The few greatest of long rows that come in pieces.
// Letters: B rows, k of each, n rows of a piece.

interface Piece {
  /** n */
  readonly rows: number
  /** Of the rows the first that the piece is of, and where in them it begins. */
  readonly first: number
  readonly offset: number
}

export class Greatest {
  /** (B, k), descending; what is not there yet is −∞. */
  readonly values: Float32Array
  /** (B, k): where they were in the whole rows. */
  readonly indices: Int32Array
  readonly #k: number

  constructor(rows: number, k: number) {
    this.#k = k
    this.values = new Float32Array(rows * k).fill(-Infinity)
    this.indices = new Int32Array(rows * k)
  }

  /** The greatest of a piece of rows and where in it they are, each (n, few); of equal ones those that came before stay. */
  take(values: Float32Array, indices: Int32Array, { rows, first, offset }: Piece): void {
    const k = this.#k
    const few = values.length / rows
    for (let row = 0; row < rows; row++) {
      const begin = (first + row) * k
      const last = begin + k - 1
      for (let at = row * few; at < (row + 1) * few; at++) {
        const value = values[at]!
        if (!(value > this.values[last]!)) continue
        let place = last
        while (place > begin && value > this.values[place - 1]!) {
          this.values[place] = this.values[place - 1]!
          this.indices[place] = this.indices[place - 1]!
          place--
        }
        this.values[place] = value
        this.indices[place] = offset + indices[at]!
      }
    }
  }
}
