// How much memory there is to use.
import { totalmem } from 'node:os'

/** Bytes of the machine, or of the container that limits this process. */
export function memoryLimit(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}
