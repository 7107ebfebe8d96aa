// The first frame of each side: peers of different protocol versions part before anything else is said.
import { expected } from '../errors.ts'
import { type Frame, PROTOCOL_VERSION } from './frames.ts'

/** Throws `wire/malformed` when `frame` is no hello and `wire/version` when it is one of another version. */
export function checkHello(frame: Frame, app: string): void {
  if (frame.t !== 'hello') throw expected('wire/malformed', 'The other side did not introduce itself.')
  if (frame.protocol === PROTOCOL_VERSION) return
  throw expected(
    'wire/version',
    `${frame.app} speaks protocol ${frame.protocol}, ${app} speaks protocol ${PROTOCOL_VERSION}.`,
    'Reload the page, or restart whichever of the two is older.',
  )
}
