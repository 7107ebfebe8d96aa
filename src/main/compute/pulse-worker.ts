// The thread that beats: it writes the pulse straight to the pipe, and ends the process when nobody reads it any more.
import { writeSync } from 'node:fs'
import process from 'node:process'
import { parentPort } from 'node:worker_threads'
import { peakRss } from './peak-rss.ts'
import { formatPulse, PULSE_INTERVAL } from './pulse.ts'

const BLOCK = 512 // bytes in a block of getrusage

function beat(): void {
  const usage = process.resourceUsage()
  const line = formatPulse({
    rss: process.memoryUsage.rss(),
    peakRss: peakRss(),
    cpuSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    diskRead: usage.fsRead * BLOCK,
    diskWrite: usage.fsWrite * BLOCK,
  })
  try {
    writeSync(1, line)
  } catch (error) {
    // the pipe is full: the host is slow, not gone
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return
    process.kill(process.pid, 'SIGKILL')
  }
}

beat()
parentPort?.postMessage('begun')
setInterval(beat, PULSE_INTERVAL)
