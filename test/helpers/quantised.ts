// What the operands of quantised products mean, as plain numbers.
import type { Form, Quantised } from '../../src/main/llama/quantised/forms.ts'

/** Number after number. */
export function quantisedValues(
  { bits, block, offsets }: Form,
  { numbers, scales, offsets: given }: Quantised,
): number[] {
  return Array.from({ length: (numbers.length * 8) / bits }, (_, index) => {
    const q = bits === 8 ? numbers[index]! : (numbers[index >> 1]! >> ((index & 1) * 4)) & 15
    const at = Math.floor(index / block)
    return scales[at]! * (q - 2 ** (bits - 1)) + (offsets ? given[at]! : 0)
  })
}
