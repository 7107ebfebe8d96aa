// Keeps the memory of a report constant: ECharts' charts outlive the young generation, and V8 would let hundreds of
// megabytes of those that were drawn lie before it looks at them.
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that may come on top of what was in use before; one collection takes about 30 ms. */
const MARGIN = 48e6

/** What to call after each piece: collects garbage where the heap has grown by the margin. */
export function heapTidier(): () => void {
  // the only way to ask for a collection in a process that was not started with the flag
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let floor = getHeapStatistics().used_heap_size
  return () => {
    if (getHeapStatistics().used_heap_size < floor + MARGIN) return
    collect()
    floor = getHeapStatistics().used_heap_size
  }
}
