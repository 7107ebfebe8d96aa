// What many schemas are made of.
import { z } from 'zod'

export const count = z.number().int().nonnegative()

/** By which a generator of random numbers starts, or which of its streams it is. */
export const seed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1)
