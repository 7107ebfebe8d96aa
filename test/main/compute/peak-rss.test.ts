// What a process says of its most memory is its own.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { peakRss } from '../../../src/main/compute/peak-rss.ts'

const LARGE = 400e6

describe('the peak of memory', () => {
  it.runIf(process.platform === 'linux')('is not that of the process that started this one', async () => {
    const held = Buffer.alloc(LARGE, 1)
    expect(peakRss()).toBeGreaterThan(LARGE)
    const path = new URL('../../../src/main/compute/peak-rss.ts', import.meta.url).href
    const program = `import { peakRss } from '${path}'; console.log(peakRss())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    expect(Number(stdout)).toBeGreaterThan(10e6)
    expect(Number(stdout)).toBeLessThan(LARGE)
    expect(held[0]).toBe(1)
  })
})
