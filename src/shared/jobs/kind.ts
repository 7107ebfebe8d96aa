// What a kind of job says of itself, and fields that several kinds have.
import { z } from 'zod'
import { field } from '../config.ts'

export interface JobKind<P extends z.ZodObject, R extends z.ZodType> {
  /** As menus and the palette name it. */
  readonly title: string
  readonly help: string
  /** Its work runs on a device: it begins once the devices have been probed. */
  readonly needsDevice: boolean
  /** It fetches from the Hugging Face Hub: it is told where that is, and the token. */
  readonly needsHub: boolean
  /** Of a kind that may fetch: whether this one does. */
  fetches?(params: z.output<P>): boolean
  /** Words of the command line that start it, where they are not simply its id. */
  readonly command?: string
  /** Fields that the command line takes as arguments, in order; without it the first that is required. */
  readonly arguments?: readonly string[]
  /** Its steps in order, as progress names them, after its size is known; each counts the same. */
  steps(params: z.output<P>): readonly string[]
  /** Flat object of fields; forms and command-line flags derive from it. */
  readonly params: P
  readonly result: R
  /** Names one job in lists. */
  describe(params: z.output<P>): string
  /** False: it is done, and what was wanted is not so; a command then ends as after an expected error. */
  worked?(result: z.output<R>): boolean
}

export function jobKind<P extends z.ZodObject, R extends z.ZodType>(kind: JobKind<P, R>): JobKind<P, R> {
  return kind
}

/** Which SAE is meant. */
export const saeField = field(z.string().min(1), {
  label: 'SAE',
  help: 'Id of an SAE, the beginning of one, or the path of its folder.',
  input: 'sae',
})
