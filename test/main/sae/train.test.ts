// Training on a small harvest: interrupted anywhere it is the same, and what goes wrong is named before it is kept.
import { existsSync } from 'node:fs'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encode } from '../../../src/main/onnx/encode.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { train } from '../../../src/main/sae/train.ts'
import { trainingStep } from '../../../src/main/sae/step.ts'
import { variants } from '../../../src/main/sae/variants/index.ts'
import type { HarvestManifest } from '../../../src/shared/harvest.ts'
import { trainConfigSchema, variantIds, variantOptions } from '../../../src/shared/sae.ts'
import { cpuWith } from '../../helpers/llama.ts'
import { smallHarvest } from '../../helpers/small-harvest.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import {
  digest,
  metricsOf,
  newestCheckpoint,
  StoppedHere,
  trainer,
  trainingDefaults,
} from '../../helpers/training.ts'

describe('a training run', () => {
  it.each(['topk', 'batchtopk', 'jumprelu'] as const)(
    'of %s that was interrupted anywhere is bit for bit the one that was not',
    async (variant) => {
      const { run, folder } = await trainer({ variant, resampleEvery: 20 })
      const whole = await run(folder('whole'))
      const interrupted = folder('interrupted')
      for (const stop of [1, 17, 40]) {
        await expect(run(interrupted, stop)).rejects.toThrow(StoppedHere)
        expect((await newestCheckpoint(interrupted))?.step).toBeGreaterThanOrEqual(stop)
      }
      const resumed = await run(interrupted)
      expect(digest(resumed)).toBe(digest(whole))
      expect(metricsOf(interrupted)).toEqual(metricsOf(folder('whole')))
      expect(resumed.batches).toEqual(whole.batches)
    },
  )

  it('that was killed again and again is bit for bit the one that was not', async () => {
    const {
      run,
      killed: kill,
      folder,
    } = await trainer({
      validateEvery: 5,
      resampleEvery: 20,
      checkpointMinutes: 1e-6,
    })
    const whole = await run(folder('whole'))
    const killed = folder('killed')
    // 3, 11 and 24 ms after a run of steps: within another run, a validation or the writing of a checkpoint
    for (const [runs, wait] of [
      [2, 3],
      [3, 11],
      [2, 24],
    ] as const) {
      expect(await kill(killed, runs, wait)).toEqual([null, 'SIGKILL'])
    }
    const resumed = await run(killed)
    expect(digest(resumed)).toBe(digest(whole))
    expect(metricsOf(killed)).toEqual(metricsOf(folder('whole')))
    expect(resumed.batches).toEqual(whole.batches)
  })

  it.each(variantIds)(
    'of %s learns: rows it never saw are explained far better at the end',
    async (variant) => {
      const { run, folder } = await trainer({ variant, l1: 0.02, l0Coefficient: 0.01, experts: 2 })
      const { validation } = await run(folder('run'))
      const { steps, validations } = metricsOf(folder('run'))
      expect(steps).toHaveLength(60)
      expect(steps.at(-1)!.fvu).toBeLessThan(0.75 * steps[0]!.fvu)
      expect(validation!.fvu).toBeLessThan(0.6)
      expect(validations.map(({ step }) => step)).toEqual([25, 50, 60])
      expect(validations.at(-1)!.fvu).toBeCloseTo(validation!.fvu, 12)
      if (variant === 'topk') expect(steps.every(({ l0 }) => l0 <= 4)).toBe(true)
    },
  )

  it('keeps one ledger of the batches that trained and of those that validated', async () => {
    const { run, folder, harvest } = await trainer({ batch: 37, tokens: 370, validateEvery: 1000 })
    const { batches } = await run(folder('run'))
    expect(batches.train).toEqual({ 37: 10 })
    // 400 rows validate: ten whole batches and what is left
    expect(harvest.manifest.ledger.split.validation).toBe(400)
    expect(batches.validation).toEqual({ 37: 10, 30: 1 })
  })

  it('goes on from the checkpoint before when the newest is damaged, and says so when all are', async () => {
    const { run, folder } = await trainer()
    const whole = await run(folder('whole'))
    const run1 = folder('damaged')
    await expect(run(run1, 20)).rejects.toThrow(StoppedHere)
    const checkpoints = join(run1, 'checkpoints')
    const [good] = await readdir(checkpoints)
    await copyFile(join(checkpoints, good!), join(checkpoints, 'step-000000055.safetensors'))
    const newest = await readFile(join(checkpoints, good!))
    await writeFile(join(checkpoints, 'step-000000055.safetensors'), newest.subarray(0, newest.length - 100))
    expect(digest(await run(run1))).toBe(digest(whole))

    const run2 = folder('hopeless')
    await expect(run(run2, 20)).rejects.toThrow(StoppedHere)
    for (const name of await readdir(join(run2, 'checkpoints')))
      await writeFile(join(run2, 'checkpoints', name), 'x')
    await expect(run(run2)).rejects.toMatchObject({ code: 'sae/checkpoint' })
  })

  it('stops where it diverges, names step and tensor, and keeps the checkpoint from before', async () => {
    const { run, folder } = await trainer()
    await expect(run(folder('run'), 20)).rejects.toThrow(StoppedHere)
    const before = await newestCheckpoint(folder('run'))
    await expect(run(folder('run'), Infinity, { rate: 1e30 })).rejects.toMatchObject({
      code: 'sae/diverged',
      message: expect.stringMatching(/stopped at step 2\d: the (reconstruction|gradient of \w+)/) as string,
    })
    const kept = await newestCheckpoint(folder('run'))
    expect(kept!.step).toBe(before!.step)
    for (const { data } of Object.values(kept!.state))
      expect(Array.from(data, Number).every(Number.isFinite)).toBe(true)
    expect(metricsOf(folder('run')).steps.every(({ loss }) => Number.isFinite(loss))).toBe(true)
  })

  it.each([
    ['1e39', 'parameters that are no numbers', 1, /at step 1: \w+(\.\w+)? is no finite number/],
    ['1e5', 'an error that explodes', 26, /at step 26: the reconstruction error is \d+ times the variance/],
  ])('keeps no checkpoint after a last step of rate %s: %s', async (rate, _, stop, message) => {
    const { run, folder } = await trainer({ warmup: 0 })
    if (stop > 1) await expect(run(folder('run'), stop - 1)).rejects.toThrow(StoppedHere)
    const before = await newestCheckpoint(folder('run'))
    // the metrics of the step are those from before its update
    await expect(run(folder('run'), stop, { rate: Number(rate) })).rejects.toMatchObject({
      code: 'sae/diverged',
      message: expect.stringMatching(message) as string,
    })
    expect((await newestCheckpoint(folder('run')))?.step).toBe(before?.step)
  })

  it.each([
    [{ variant: 'topk', k: 65 }, 'k is 65, and a row has only 64 features to choose from.'],
    [{ variant: 'switch', experts: 5 }, 'A width of 64 cannot be divided into 5 experts of one size.'],
    [{ variant: 'switch', experts: 32 }, 'k is 4, and a row has only 2 features to choose from.'],
  ] as const)('of %j is refused before it begins', async (changes, message) => {
    const { run, folder } = await trainer(changes)
    await expect(run(folder('run'))).rejects.toMatchObject({ code: 'sae/options', message })
    expect(existsSync(folder('run'))).toBe(false)
  })

  it('is refused without rows to train on', async () => {
    const root = await temporaryFolder()
    const manifest: HarvestManifest = await smallHarvest(join(root, 'harvest'), { leftOut: 9, validation: 1 })
    const config = trainConfigSchema.parse({ harvest: root, ...trainingDefaults })
    const work = {
      onProgress: () => 0,
      onPlan: () => 0,
      stopping: false,
      checkpoint: () => Promise.resolve(),
    }
    const order = {
      folder: root,
      config,
      input: { harvest: { folder: join(root, 'harvest'), manifest } },
      device: cpuWith(),
      memory: null,
    }
    await expect(train(order, work)).rejects.toMatchObject({ code: 'sae/no-rows' })
  })
})

describe('a step of 65,536 features over 3,072 directions', () => {
  it.each(variantIds)('of %s is built without a tensor of 2 GiB that leaves the device', (variant) => {
    const [D, F, B] = [3072, 65_536, 4096]
    const config = trainConfigSchema.parse({ harvest: 'h', variant, width: F, batch: B })
    const step = trainingStep(variants[variant], {
      ...{ D, F, B, options: variantOptions(config, D), clip: 1, beta1: 0.9, beta2: 0.999 },
      ...{ deadAfter: 1e7, moments: 'float16', block: undefined },
    })
    const sizes = Object.values(step.state).map(
      ({ dtype, shape }) => shape.reduce((a, b) => a * b, 1) * (dtype === 'float16' ? 2 : 4),
    )
    expect(Math.max(...sizes)).toBe(D * F * 4)
    expect(Math.max(...sizes)).toBeLessThan(2 ** 31 - 2 ** 21)
    const graph = new Graph('step')
    const inputs = Object.entries(step.state).map(
      ([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)] as const,
    )
    const given = Object.entries(step.batch).map(
      ([name, { dtype, shape }]) => [name, graph.input(name, dtype, shape)] as const,
    )
    const { state } = step.build(
      Object.fromEntries(inputs),
      Object.fromEntries(given) as Record<keyof typeof step.batch, (typeof given)[number][1]>,
    )
    for (const [name, value] of Object.entries(state)) graph.output(`${name}_next`, value)
    // the graph itself carries no weights
    expect(encode(graph).byteLength).toBeLessThan(1e6)
  })
})
