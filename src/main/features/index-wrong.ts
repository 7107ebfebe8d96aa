// The error of an index of features that is not what it says.
import { expected, type MonoscopeError } from '../../shared/errors.ts'

export function wrong(what: string): MonoscopeError {
  return expected(
    'verify/wrong',
    what,
    'The index is damaged or does not belong to what is here: index the SAE again, or use a copy that is whole.',
  )
}
