// The token in the address: found only where the host puts it.
import { describe, expect, it } from 'vitest'
import { tokenOf } from '../../src/renderer/token.ts'

describe('the token of an address', () => {
  it('is what the fragment names', () => {
    expect(tokenOf('#token=aB3_-x')).toBe('aB3_-x')
  })

  it.each(['', '#/', '#/jobs', '#/jobs?token=abc', '#token=', '#token=a b', '#/token=abc', '#token=abc/def'])(
    'is not found in "%s"',
    (fragment) => expect(tokenOf(fragment)).toBeNull(),
  )
})
