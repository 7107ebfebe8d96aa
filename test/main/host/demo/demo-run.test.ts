// The demo from task to task with jobs that do nothing: skipped, stopped, left by its host, and with pieces gone, at each of them.
import { describe, expect, it, vi } from 'vitest'
import { DemoRun, type DemoTasks } from '../../../../src/main/host/demo/demo-run.ts'
import { Emitter } from '../../../../src/main/host/emitter.ts'
import { type Demo, demoTasks, type DemoTask } from '../../../../src/shared/demo.ts'
import { cancelled, type ErrorData, expected, toErrorData } from '../../../../src/shared/errors.ts'
import { FakeJobs } from '../../../helpers/fake-jobs.ts'

/** Soon: nothing here takes any time. */
const until = (holds: () => void) => vi.waitFor(holds, { interval: 2 })

/** A workspace with a demo in it, of which each host makes its own. */
function fakeWorkspace() {
  const jobs = new FakeJobs()
  const gone = new Set<DemoTask>()
  const problems: ErrorData[] = []
  /** Whenever it is looked whether something is still there. */
  const looks = new Emitter<DemoTask>()
  let stored: Demo | null = null
  let full = false
  /** Looking for what the report is to hold takes as long as a test wants; no time at first. */
  const look = {
    begun: false,
    until: Promise.resolve(),
    wait: () => {
      const waited = Promise.withResolvers<void>()
      look.until = waited.promise
      return waited
    },
  }
  /** Steering is the host's own work, which ends when the test says so. */
  const steering = { begun: 0, end: (_error?: Error): void => undefined }
  const ofJob = (task: Exclude<DemoTask, 'steer'>) => ({
    ...{ kind: task, product: task },
    params: () => ({}),
    outcome: (result: unknown) => ({
      made: { report: String(result) },
      figures: { result: String(result) },
    }),
    stands: () => {
      looks.emit(task)
      return Promise.resolve(!gone.has(task))
    },
  })
  const tasks: DemoTasks = {
    ...{ import: ofJob('import'), harvest: ofJob('harvest'), train: ofJob('train') },
    ...{ evaluate: ofJob('evaluate'), index: ofJob('index') },
    report: {
      ...ofJob('report'),
      params: async () => {
        look.begun = true
        await look.until
        return {}
      },
    },
    steer: {
      product: 'steer session',
      work: (_made, signal) =>
        new Promise((resolve, reject) => {
          steering.begun++
          signal.addEventListener('abort', () => reject(cancelled()))
          steering.end = (error) =>
            error ? reject(error) : resolve({ made: { session: 's' }, figures: { feature: 1 } })
        }),
      stands: () => Promise.resolve(!gone.has('steer')),
    },
  }
  const host = () => {
    const run = new DemoRun({
      ...{ jobs, tasks },
      store: {
        read: () => stored,
        write: (demo) => {
          if (full) throw expected('disk/full', 'The disk is full.')
          stored = demo
        },
      },
      onProblem: (problem) => problems.push(problem),
    })
    /** Resolves once this task is under way. */
    const at = async (task: DemoTask) => {
      await until(() => {
        expect(run.state.state).toBe('running')
        expect(run.state.finished).toHaveLength(demoTasks.indexOf(task))
        if (task === 'steer') expect(steering.begun).toBeGreaterThan(0)
        else expect(jobs.active).toMatchObject({ kind: task })
      })
    }
    const finish = (task: DemoTask) => (task === 'steer' ? steering.end() : jobs.end('done'))
    return {
      run,
      at,
      /** Ends all tasks before this one. */
      upTo: async (task: DemoTask) => {
        for (const before of demoTasks.slice(run.state.finished.length, demoTasks.indexOf(task))) {
          await at(before)
          finish(before)
        }
        await at(task)
      },
      toTheEnd: async () => {
        for (const task of demoTasks.slice(run.state.finished.length)) {
          await at(task)
          finish(task)
        }
        await until(() => expect(run.state.state).toBe('done'))
      },
    }
  }
  return {
    ...{ jobs, gone, problems, looks, look, steering, host },
    stored: () => stored,
    fill: () => (full = true),
  }
}

const empty = { alone: true, empty: true }
const used = { alone: true, empty: false }
const stateOf = (run: DemoRun) => run.state.state

describe('the demo', () => {
  it('begins by itself in an empty workspace, does each task once and in order, and never begins again', async () => {
    const { jobs, host } = fakeWorkspace()
    const first = host()
    first.run.open(empty)
    expect(stateOf(first.run)).toBe('running')
    await first.toTheEnd()
    expect(first.run.state.finished.map(({ task }) => task)).toEqual(demoTasks)
    expect(jobs.all.map(({ kind }) => kind)).toEqual(demoTasks.filter((task) => task !== 'steer'))
    expect(first.run.state).toMatchObject({ made: { session: 's' }, tour: true, job: null })
    const next = host()
    next.run.open(used)
    expect(stateOf(next.run)).toBe('done')
    expect(jobs.all).toHaveLength(demoTasks.length - 1)
  })

  it('never begins by itself where there is something, also when that was removed', () => {
    const { jobs, host } = fakeWorkspace()
    host().run.open(used)
    const { run } = host()
    run.open(empty)
    expect(stateOf(run)).toBe('unwanted')
    expect(jobs.all).toEqual([])
  })

  it('does nothing by itself in a host that was told not to, and begins with the next one', () => {
    const { jobs, host } = fakeWorkspace()
    host().run.open({ alone: false, empty: true })
    expect(jobs.all).toEqual([])
    const { run } = host()
    run.open(empty)
    expect(stateOf(run)).toBe('running')
  })

  it.each(demoTasks)(
    'skipped while it is at %s stays so, and goes on from there when asked',
    async (task) => {
      const { jobs, host, steering } = fakeWorkspace()
      const first = host()
      first.run.open(empty)
      await first.upTo(task)
      const { job } = first.run.state
      first.run.skip()
      expect(stateOf(first.run)).toBe('skipped')
      if (task !== 'steer') {
        expect(jobs.stop).toHaveBeenCalledWith(job, 'cancelled')
        jobs.end('cancelled')
      }
      await first.run.atRest()
      const next = host()
      next.run.open(used)
      expect(stateOf(next.run)).toBe('skipped')
      const begun = steering.begun
      next.run.start()
      await next.at(task)
      if (task === 'steer') await until(() => expect(steering.begun).toBe(begun + 1))
      else expect(jobs.active).toMatchObject({ id: job, attempt: 1 })
      await next.toTheEnd()
      expect(jobs.all).toHaveLength(demoTasks.length - 1)
    },
  )

  it.each(demoTasks)('goes on by itself with %s when its host ended in the middle of it', async (task) => {
    const { jobs, host, steering } = fakeWorkspace()
    const first = host()
    first.run.open(empty)
    await first.upTo(task)
    const { job } = first.run.state
    const begun = steering.begun
    first.run.close()
    if (task !== 'steer') jobs.end('interrupted', toErrorData(expected('job/closed', 'Closed.')))
    const next = host()
    next.run.open(used)
    await next.at(task)
    if (task === 'steer') await until(() => expect(steering.begun).toBe(begun + 1))
    else expect(jobs.active).toMatchObject({ id: job, attempt: 1 })
    await next.toTheEnd()
    expect(jobs.all).toHaveLength(demoTasks.length - 1)
    // the first host has nothing to say any more
    expect(stateOf(first.run)).toBe('running')
  })

  it.each(demoTasks)('says why it stands still when %s failed, and tries that again', async (task) => {
    const { jobs, host, steering } = fakeWorkspace()
    const { run, upTo, at, toTheEnd } = host()
    run.open(empty)
    await upTo(task)
    const error = expected('disk/full', 'The disk is full.', 'Make room.')
    if (task === 'steer') steering.end(error)
    else jobs.end('failed', toErrorData(error))
    await until(() => expect(stateOf(run)).toBe('stopped'))
    expect(run.state.error).toMatchObject({ code: 'disk/full', hint: 'Make room.' })
    expect(run.state.finished).toHaveLength(demoTasks.indexOf(task))
    // it stands still for the next host, too: a person has to look at it
    const next = host().run
    next.open(used)
    expect(stateOf(next)).toBe('stopped')
    next.close()
    run.start()
    expect(run.state).toMatchObject({ state: 'running', error: null })
    await at(task)
    if (task === 'steer') await until(() => expect(steering.begun).toBe(2))
    await toTheEnd()
  })

  it.each(demoTasks.filter((task) => task !== 'steer'))(
    'takes what the job of %s ended with while no host looked',
    async (task) => {
      const { jobs, host } = fakeWorkspace()
      const first = host()
      first.run.open(empty)
      await first.upTo(task)
      first.run.close()
      jobs.end('done')
      const next = host()
      next.run.open(used)
      const following = demoTasks[demoTasks.indexOf(task) + 1]
      if (following !== undefined) {
        await next.at(following)
        await next.toTheEnd()
      }
      await until(() => expect(stateOf(next.run)).toBe('done'))
      expect(jobs.all).toHaveLength(demoTasks.length - 1)
    },
  )

  it.each(['paused', 'cancelled', 'interrupted'] as const)(
    'stands still when its job was %s by hand, and goes on when that is resumed',
    async (state) => {
      const { jobs, host } = fakeWorkspace()
      const { run, upTo, toTheEnd } = host()
      run.open(empty)
      await upTo('train')
      const { id } = jobs.active
      jobs.end(state)
      await until(() => expect(stateOf(run)).toBe('stopped'))
      expect(run.state.error).toMatchObject({ code: 'demo/job-stopped' })
      jobs.resume(id)
      expect(stateOf(run)).toBe('running')
      await toTheEnd()
      expect(jobs.all).toHaveLength(demoTasks.length - 1)
    },
  )

  it('makes a new job where that of the task was deleted', async () => {
    const { jobs, host } = fakeWorkspace()
    const { run, upTo, at, toTheEnd } = host()
    run.open(empty)
    await upTo('harvest')
    jobs.end('failed')
    await until(() => expect(stateOf(run)).toBe('stopped'))
    jobs.all.splice(1, 1)
    run.start()
    await at('harvest')
    expect(jobs.active).toMatchObject({ kind: 'harvest', attempt: 0 })
    await toTheEnd()
  })

  it.each(demoTasks.slice(0, -1))(
    'says that what %s made is gone, and makes it again when asked',
    async (task) => {
      const { jobs, host, gone, steering } = fakeWorkspace()
      const { run, upTo, at, toTheEnd } = host()
      run.open(empty)
      await upTo('report')
      run.skip()
      jobs.end('cancelled')
      gone.add(task)
      run.start()
      await until(() => expect(stateOf(run)).toBe('stopped'))
      expect(run.state.error).toMatchObject({
        code: 'demo/gone',
        message: expect.stringContaining(task) as string,
      })
      gone.clear()
      run.start()
      await at(task)
      if (task === 'steer') await until(() => expect(steering.begun).toBe(2))
      else expect(jobs.active).toMatchObject({ kind: task, attempt: 0 })
      await toTheEnd()
    },
  )

  it('begun and skipped by two tabs at once is one demo', async () => {
    const { jobs, host } = fakeWorkspace()
    const { run, at, toTheEnd } = host()
    run.start()
    run.start()
    await at('import')
    expect(jobs.all).toHaveLength(1)
    run.skip()
    run.skip()
    expect(jobs.stop).toHaveBeenCalledTimes(1)
    // begun again before its job has come to rest
    run.start()
    jobs.end('cancelled')
    await at('import')
    expect(jobs.active).toMatchObject({ id: 'import-0', attempt: 1 })
    await toTheEnd()
    expect(jobs.all).toHaveLength(demoTasks.length - 1)
  })

  it('begins nothing more when it is skipped between two tasks', async () => {
    const { jobs, host, looks } = fakeWorkspace()
    const { run, upTo } = host()
    run.open(empty)
    await upTo('harvest')
    looks.listen(() => void run.skip())
    jobs.end('done')
    await until(() => expect(stateOf(run)).toBe('skipped'))
    await run.atRest()
    expect(jobs.all.map(({ kind }) => kind)).toEqual(['import', 'harvest'])
  })

  it('begins no job when it is skipped while it looks for what that job is to be given', async () => {
    const { jobs, host, steering, look } = fakeWorkspace()
    const { run, upTo, toTheEnd } = host()
    run.open(empty)
    await upTo('steer')
    const looking = look.wait()
    steering.end()
    await until(() => expect(look.begun).toBe(true))
    run.skip()
    looking.resolve()
    await run.atRest()
    expect(stateOf(run)).toBe('skipped')
    expect(jobs.all.map(({ kind }) => kind)).not.toContain('report')
    run.start()
    await toTheEnd()
  })

  it('under way when a host begins that does nothing by itself is said to stand still, and the one after that goes on', async () => {
    const { jobs, host, stored } = fakeWorkspace()
    const first = host()
    first.run.open(empty)
    await first.upTo('harvest')
    first.run.close()
    jobs.end('interrupted')
    const command = host()
    command.run.open({ alone: false, empty: false })
    expect(command.run.state).toMatchObject({ state: 'stopped', error: { code: 'demo/host-ended' } })
    expect(stored()?.state).toBe('running')
    command.run.close()
    const next = host()
    next.run.open(used)
    await next.toTheEnd()
  })

  it('is run anew when it is asked for again, and does not offer a tour that is over', async () => {
    const { jobs, host, stored } = fakeWorkspace()
    const { run, toTheEnd } = host()
    run.start()
    await toTheEnd()
    run.note({ tour: false, dismissed: true })
    run.start()
    expect(run.state).toMatchObject({
      state: 'running',
      finished: [],
      made: {},
      tour: false,
      dismissed: false,
    })
    await toTheEnd()
    expect(jobs.all).toHaveLength(2 * (demoTasks.length - 1))
    run.forget()
    expect(stored()).toMatchObject({ state: 'skipped', finished: [], made: {}, dismissed: true })
  })

  it('goes on where nothing can be remembered, and says that', async () => {
    const { host, problems, fill } = fakeWorkspace()
    const { run, toTheEnd } = host()
    run.open(empty)
    fill()
    await toTheEnd()
    expect(problems[0]).toMatchObject({ code: 'disk/full' })
  })
})
