// Arithmetic of dimensions with letters.
import { expect, test } from 'vitest'
import { axisOf, broadcast, difference, dim, product, sum } from '../../../src/main/onnx/dims.ts'

test.each([
  [sum(2, 3), 5],
  [sum('T', 'P'), 'P+T'],
  [sum('P+T', 1), 'P+T+1'],
  [sum('T', 'T'), '2*T'],
  [sum('T', 0), 'T'],
  [difference('P+T', 'P'), 'T'],
  [difference('T', 'T'), 0],
  [product('T', 'B'), 'B*T'],
  [product('B', 'P+T'), 'B*P+B*T'],
  [product('B', 0), 0],
  [product('B', 3, 2), '6*B'],
  [product(), 1],
  [dim('T*B'), 'B*T'],
])('%s is %s', (found, wanted) => expect(found).toBe(wanted))

test('what is no dimension is refused', () => {
  expect(() => dim('T-1')).toThrow('"T-1" is not a dimension')
  expect(() => dim('')).toThrow(/is not a dimension/)
})

test.each([
  [[2, 3], [3], [2, 3]],
  [
    [2, 1],
    [1, 4],
    [2, 4],
  ],
  [['B', 'T'], ['T'], ['B', 'T']],
  [['B', 1], ['T'], ['B', 'T']],
  [[], [2], [2]],
  [[2, 3], [2], undefined],
  [['B'], ['T'], undefined],
  [['B'], [4], undefined],
])('%j and %j broadcast to %j', (a, b, wanted) => expect(broadcast(a, b)).toEqual(wanted))

test('axes count from both ends', () => {
  expect([axisOf(0, 2), axisOf(-1, 2)]).toEqual([0, 1])
  expect(() => axisOf(2, 2)).toThrow('There is no axis 2 in a tensor of rank 2.')
  expect(() => axisOf(-3, 2)).toThrow(/no axis -3/)
})
