// What compute processes find in their environment.
import { describe, expect, it } from 'vitest'
import { hugePages } from '../../../src/main/host/compute-environment.ts'

describe('huge pages', () => {
  it('are asked for beside whatever else is tuned', () => {
    expect(hugePages({})).toEqual({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })
    expect(hugePages({ GLIBC_TUNABLES: '' })).toEqual({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })
    expect(hugePages({ GLIBC_TUNABLES: 'glibc.malloc.check=3' })).toEqual({
      GLIBC_TUNABLES: 'glibc.malloc.check=3:glibc.malloc.hugetlb=1',
    })
  })

  it('are left to the person who has decided about them', () => {
    expect(hugePages({ GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' })).toEqual({})
  })
})
