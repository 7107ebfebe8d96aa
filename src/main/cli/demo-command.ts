// `monoscope demo`: the whole way with the model and the corpus that come with Monoscope, with every id and figure it ends with.
import type { Command } from 'commander'
import {
  type Demo,
  type DemoFigures,
  demoProgress,
  demoSeconds,
  demoStep,
  demoSteps,
  type DemoFinished,
  type DemoTask,
  figureWords,
} from '../../shared/demo.ts'
import { type ErrorData, fromErrorData, MonoscopeError } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { formatPercent, formatSeconds } from '../../shared/units.ts'
import type { Output } from './output.ts'
import type { Action, Session } from './action.ts'

export function addDemo(program: Command, action: Action): void {
  program
    .command('demo')
    .summary('Run the demo: import, harvest, train, index, steer once and write a report.')
    .description(
      'Imports the model that comes with Monoscope, harvests its corpus, trains an SAE, indexes its features, steers once by one of them and writes a report of it. What was interrupted goes on where it stopped.',
    )
    .action(
      action(async (session) => {
        await session.client.call('demo.start', undefined)
        await session.connection.admit()
        const demo = await followed(session)
        session.output.result(resultOf(demo), linesOf(demo))
      }),
    )
}

/** Resolves with the demo once it is done; throws why it stopped, or that it was skipped. */
async function followed({ client, output }: Session): Promise<Demo> {
  let demo: Demo | undefined
  let jobs: readonly Job[] = []
  let asked = false
  const job = () => jobs.find(({ id }) => id === demo?.job)
  const onInterrupt = () => {
    const { id } = job() ?? {}
    if (asked && id !== undefined) return void client.call('jobs.kill', { id }).catch(() => undefined)
    asked = true
    output.say('Stopping after the current piece of work; Ctrl-C again ends it now.')
    void client.call('demo.skip', undefined).catch(() => undefined)
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  try {
    const last = await new Promise<Demo>((resolve, reject) => {
      const end = (error?: ErrorData) =>
        reject(error ? fromErrorData(error) : new Error('The host stopped telling of the demo.'))
      const look = () => {
        if (!demo) return
        if (demo.state === 'running') return output.status(statusOf(demo, job()))
        // what was cancelled is waited for: it keeps what is complete
        const own = job()
        if (!own || !isActive(own.state)) resolve(demo)
      }
      client.subscribe('demo.watch', undefined, {
        state: (now) => {
          if (demo) sayWhatIsNew(demo, now, output)
          else if (now.state === 'running') sayStep(now, output)
          demo = now
          look()
        },
        end,
      })
      client.subscribe('jobs.watch', undefined, {
        state: (now) => {
          jobs = now
          look()
        },
        end,
      })
    })
    if (last.state === 'done') return last
    if (last.error) throw fromErrorData(last.error)
    throw new MonoscopeError({
      ...{ kind: 'cancelled', code: 'demo/skipped', message: 'The demo was skipped; what it made is kept.' },
      hint: '"monoscope demo" goes on where it stopped.',
    })
  } finally {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', onInterrupt)
  }
}

function sayWhatIsNew(before: Demo, now: Demo, output: Output): void {
  for (const finished of now.finished.slice(before.finished.length)) output.say(lineOf(finished))
  const next = demoStep(now).number !== demoStep(before).number
  if (now.state === 'running' && (next || before.state !== 'running')) sayStep(now, output)
}

function sayStep(demo: Demo, output: Output): void {
  const { number, doing } = demoStep(demo)
  output.say(`Step ${number} of ${demoSteps.length}: ${doing}`)
}

function statusOf(demo: Demo, job: Job | undefined): string {
  const { fraction, secondsLeft } = demoProgress(demo, job)
  return `${demoStep(demo).doing} · ${formatPercent(fraction)} of all · about ${formatSeconds(Math.ceil(secondsLeft))} left`
}

function lineOf({ task, seconds, figures }: DemoFinished): string {
  const told = Object.entries(figures).filter(([, value]) => typeof value === 'number')
  const words = told.map(([name, value]) => `${name} ${figureWords(name, value)}`)
  return `  ${[`${task} took ${formatSeconds(seconds)}`, ...words].join(' · ')}`
}

/** For scripts: ids, the figures that people compare by their own names, and all of them by task. */
function resultOf(demo: Demo): object {
  const of = (task: DemoTask) => figuresOf(demo, task)
  const { fvu, l0, deadShare, ceRecovered, kl } = of('evaluate')
  const { feature, strength, prompt, baseline, steered } = of('steer')
  return {
    ...demo.made,
    ...{ fvu, l0, deadShare, ceRecovered, kl, tokensPerSecond: of('harvest').tokensPerSecond },
    ...{ feature, strength, prompt, baseline, steered, reportPath: of('report').path },
    seconds: demoSeconds(demo),
    tasks: demo.finished,
  }
}

function figuresOf({ finished }: Demo, task: DemoTask): DemoFigures {
  return finished.find((each) => each.task === task)?.figures ?? {}
}

/** The figures have been said as they came. */
function linesOf(demo: Demo): string[] {
  const { prompt, baseline, steered, feature, strength } = figuresOf(demo, 'steer')
  const ids = Object.entries(demo.made).map(([name, id]) => `  ${name.padEnd(9)}${id}`)
  return [
    `The demo is done, in ${formatSeconds(demoSeconds(demo))}.`,
    ...ids,
    `Unsteered: ${prompt}${baseline}`,
    `Feature ${feature} at ${strength} ×: ${prompt}${steered}`,
    `Report: ${figuresOf(demo, 'report').path}`,
    'Open it: monoscope start.',
  ]
}
