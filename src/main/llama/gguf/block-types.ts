// How GGUF stores numbers: plain ones, or blocks of small integers with scales.

export interface BlockType {
  readonly name: string
  /** Numbers in one block. */
  readonly elements: number
  /** Bytes of one block. */
  readonly bytes: number
  /** Small integers with scales; false: plain numbers. */
  readonly quantised: boolean
}

const plain = (name: string, bytes: number): BlockType => ({ name, elements: 1, bytes, quantised: false })
const blocks = (name: string, elements: number, bytes: number): BlockType => ({
  name,
  elements,
  bytes,
  quantised: true,
})

/** By the number a file gives. */
export const blockTypes: ReadonlyMap<number, BlockType> = new Map([
  [0, plain('F32', 4)],
  [1, plain('F16', 2)],
  [2, blocks('Q4_0', 32, 18)],
  [3, blocks('Q4_1', 32, 20)],
  [6, blocks('Q5_0', 32, 22)],
  [7, blocks('Q5_1', 32, 24)],
  [8, blocks('Q8_0', 32, 34)],
  [12, blocks('Q4_K', 256, 144)],
  [13, blocks('Q5_K', 256, 176)],
  [14, blocks('Q6_K', 256, 210)],
  [30, plain('BF16', 2)],
])

/** What else files hold, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
}

export function typeName(number: number): string {
  return blockTypes.get(number)?.name ?? otherNames[number] ?? `type ${number}`
}
