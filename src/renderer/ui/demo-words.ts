// The demo in words, the same in the banner, in the settings and in the palette.
import { type Demo, demoSeconds, demoStep, demoSteps } from '../../shared/demo.ts'
import { formatSeconds } from '../../shared/units.ts'

/** "Step 3 of 5: Training an SAE". */
export function demoStepWords(demo: Demo): string {
  const { number, doing } = demoStep(demo)
  return `Step ${number} of ${demoSteps.length}: ${doing}`
}

/** "about 1 min 20 s left", of which the last digit does not change every second. */
export function demoLeftWords(seconds: number): string {
  if (seconds < 5) return 'a few seconds left'
  const unit = seconds < 60 ? 5 : 10
  return `about ${formatSeconds(Math.ceil(seconds / unit) * unit)} left`
}

/** On what begins it, or goes on with it. */
export function demoStartWords(demo: Demo): string {
  if (demo.state === 'done') return 'Run the demo again'
  return isBegun(demo) ? 'Go on with the demo' : 'Run the demo'
}

function isBegun({ finished, job }: Demo): boolean {
  return finished.length > 0 || job !== null
}

const purpose =
  'A small model is imported, a corpus harvested, an SAE trained, its features indexed, a text steered by one of them, and a report of it written, in a few minutes.'

/** What became of it, in a sentence or two. */
export function demoStateWords(demo: Demo): string {
  switch (demo.state) {
    case 'none':
    case 'unwanted':
      return purpose
    case 'running':
      return `${demoStepWords(demo)}.`
    case 'stopped':
      return `It stands still at step ${demoStep(demo).number} of ${demoSteps.length}: ${demo.error?.message ?? ''}`
    case 'skipped':
      return `${isBegun(demo) ? 'It was skipped.' : purpose} It does not begin again by itself.`
    case 'done':
      return `It is done, in ${formatSeconds(demoSeconds(demo))}.`
  }
}
