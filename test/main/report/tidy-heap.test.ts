// The heap of a process that writes a report: what was done with is given back before V8 would look at it.
import { getHeapStatistics } from 'node:v8'
import { expect, it } from 'vitest'
import { heapTidier } from '../../../src/main/report/tidy-heap.ts'

const used = () => getHeapStatistics().used_heap_size

it('is collected once it has grown by the margin, and not before', () => {
  const tidy = heapTidier()
  const before = used()
  const kept = [Array.from({ length: 1_000_000 }, (_, at) => at + 0.5)]
  tidy()
  expect(used()).toBeGreaterThan(before + 7e6)
  kept[0] = Array.from({ length: 12_000_000 }, (_, at) => at + 0.5)
  expect(used()).toBeGreaterThan(before + 90e6)
  kept.pop()
  tidy()
  expect(used()).toBeLessThan(before + 20e6)
})
