// A sweep: SAEs trained side by side are what each would be alone, through any interruption, and who goes wrong is named.
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { membersOf, memberIds } from '../../../src/shared/sae-sweep.ts'
import { trainConfigSchema } from '../../../src/shared/sae.ts'
import { digest, metricsOf, newestCheckpoint, StoppedHere, trainer } from '../../helpers/training.ts'

const config = (changes: object) => trainConfigSchema.parse({ harvest: 'h', width: 64, ...changes })

describe('a sweep', () => {
  it('is written as a knob and its values', () => {
    const members = membersOf(config({ sweep: ' k = 16, 24,32 ' }))
    expect(members.map(({ name }) => name)).toEqual(['k = 16', 'k = 24', 'k = 32'])
    expect(members[1]!.config).toEqual(config({ k: 24 }))
    expect(memberIds('abc', config({ sweep: 'k=16,24,32' }))).toEqual(['abc-1', 'abc-2', 'abc-3'])
    expect(memberIds('abc', config({}))).toEqual(['abc'])
    expect(membersOf(config({ variant: 'gated', sweep: 'l1=1e-3,0.5' })).map((one) => one.config.l1)).toEqual(
      [1e-3, 0.5],
    )
    for (const sweep of ['k', 'k=16', 'k=16,', 'width=8,16', 'k=a,b', `k=${Array(17).fill(1).join()}`])
      expect(trainConfigSchema.safeParse({ harvest: 'h', sweep }).success).toBe(false)
  })

  it.each([
    [{ sweep: 'l1=0.1,0.2' }, /l1 means nothing to topk/],
    [{ sweep: 'k=4,8,4' }, /has k = 4 twice/],
    [{ sweep: 'k=4,8.5' }, /^k: /],
    [{ sweep: 'k=4,65' }, /k is 65, and a row has only 64 features/],
  ])('of %j is refused before it begins', async (changes, message) => {
    const { all, folder } = await trainer(changes)
    await expect(all(folder('run'))).rejects.toMatchObject({
      ...{ code: 'sae/options', message: expect.stringMatching(message) as string },
    })
    expect(existsSync(folder('run-1'))).toBe(false)
  })

  it.each([
    { variant: 'topk', sweep: 'k=2,4,6', one: { k: 4 } },
    { variant: 'jumprelu', sweep: 'l0Coefficient=0.001,0.01,0.1', one: { l0Coefficient: 0.01 } },
  ] as const)('of $variant has members that are bit for bit what each is alone', async (given) => {
    const { variant, sweep, one } = given
    const { all, run, folder } = await trainer({ variant, resampleEvery: 20, deadAfter: 64 * 5 })
    const alone = await run(folder('alone'), Infinity, one)
    const { members } = await all(folder('swept'), Infinity, { sweep })
    expect(members.map(({ folder: path }) => path)).toEqual([1, 2, 3].map((n) => folder(`swept-${n}`)))
    expect(digest(members[1]!)).toBe(digest(alone))
    expect(members[1]!.config).toEqual(alone.config)
    expect(members[1]!.validation).toEqual(alone.validation)
    expect(members[1]!.batches).toEqual(alone.batches)
    expect(metricsOf(folder('swept-2'))).toEqual(metricsOf(folder('alone')))
    expect(new Set(members.map(digest)).size).toBe(3)
  })

  it('that was killed and stopped is bit for bit the one that was not, in every member', async () => {
    const { all, killed, folder } = await trainer({
      ...{ sweep: 'k=2,4', validateEvery: 5, resampleEvery: 20, checkpointMinutes: 1e-6 },
    })
    const whole = await all(folder('whole'))
    const again = folder('again')
    for (const [runs, wait] of [
      [2, 2],
      [2, 9],
    ] as const) {
      expect(await killed(again, runs, wait)).toEqual([null, 'SIGKILL'])
    }
    await expect(all(again, 40)).rejects.toThrow(StoppedHere)
    const resumed = await all(again)
    for (const [index, member] of resumed.members.entries()) {
      expect(digest(member)).toBe(digest(whole.members[index]!))
      expect(member.batches).toEqual(whole.members[index]!.batches)
      expect(metricsOf(member.folder)).toEqual(metricsOf(whole.members[index]!.folder))
    }
  })

  it('goes on from the newest step that all members have, and keeps no other', async () => {
    const { all, folder } = await trainer({ sweep: 'k=2,4', validateEvery: 10 })
    const whole = await all(folder('whole'))
    for (const stop of [20, 30]) await expect(all(folder('run'), stop)).rejects.toThrow(StoppedHere)
    // as if it had been killed after the first member's checkpoint and before the second's
    const second = join(folder('run-2'), 'checkpoints')
    await rm(join(second, 'step-000000030.safetensors'))
    await expect(all(folder('run'), 21)).rejects.toThrow(StoppedHere)
    const first = await readdir(join(folder('run-1'), 'checkpoints'))
    expect(first).toEqual(await readdir(second))
    expect(first[0]).toBe('step-000000020.safetensors')
    const resumed = await all(folder('run'))
    expect(resumed.members.map(digest)).toEqual(whole.members.map(digest))

    // the very first checkpoint: nothing is lost by beginning again
    await expect(all(folder('first'), 10)).rejects.toThrow(StoppedHere)
    await rm(join(folder('first-2'), 'checkpoints'), { recursive: true })
    expect((await all(folder('first'))).members.map(digest)).toEqual(whole.members.map(digest))
    // nothing in common where there was much
    await rm(join(folder('run-2'), 'checkpoints'), { recursive: true })
    await expect(all(folder('run'))).rejects.toMatchObject({ code: 'sae/checkpoint' })
  })

  it('names the member that diverges, and keeps the checkpoints of all from before', async () => {
    const { all, folder } = await trainer({ variant: 'relu-l1', sweep: 'l1=0.02,1e38', warmup: 0 })
    await expect(all(folder('run'))).rejects.toMatchObject({
      code: 'sae/diverged',
      message: expect.stringMatching(/^With l1 = 1e\+38: Training stopped at step \d+: /) as string,
      hint: expect.stringContaining('Leave l1 = 1e+38 out of the sweep.') as string,
    })
    expect(await newestCheckpoint(folder('run-1'))).toBeUndefined()
  })
})
