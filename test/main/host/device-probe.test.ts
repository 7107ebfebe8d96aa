// Probes in processes of their own: real providers, providers that crash and hang, and the words for why one is missing.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Device, Provider } from '../../../src/shared/devices.ts'
import { probeDevice } from '../../../src/main/host/device-probe.ts'
import { explainUnavailable } from '../../../src/main/onnx/unavailable.ts'
import { builtCompute } from '../../helpers/built.ts'
import { noWebgpu, useSoftwareVulkan } from '../../helpers/vulkan.ts'

const misbehaving = builtCompute({ entry: new URL('misbehaving.ts', import.meta.url) })
const cudaProvider = fileURLToPath(
  import.meta.resolve('onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so'),
)
const named = (provider: Provider, name: string): Device => ({ id: provider, provider, name })

describe('the probe', { timeout: 300_000 }, () => {
  it('finds the CPU as right as itself, and tells what it is at', async () => {
    const titles: string[] = []
    const { numerics, unavailable } = await probeDevice(named('cpu', 'CPU'), {
      launch: builtCompute(),
      onChecking: (title) => titles.push(title),
    })
    expect(unavailable).toBeNull()
    expect(numerics).toMatchObject({
      float32: true,
      float16: null,
      attention: { float32: 'fused', float16: null },
    })
    expect(numerics?.gflops).toBeGreaterThan(0)
    expect(titles.slice(0, 2)).toEqual(['Starting the device', 'Matrix products of a batch'])
  })

  it.skipIf(noWebgpu)(
    `finds where WebGPU’s own attention goes wrong, and what agrees${noWebgpu ? ` (${noWebgpu})` : ''}`,
    async () => {
      useSoftwareVulkan()
      const { numerics, unavailable } = await probeDevice(named('webgpu', 'WebGPU'), {
        launch: builtCompute(),
      })
      expect(unavailable).toBeNull()
      const check = (id: string) => numerics?.checks.find((candidate) => candidate.id === id)
      // exact up to 31 tokens, far off from 32 on
      expect(check('attention-fused')).toMatchObject({
        state: 'failed',
        note: 'Differs at 32 tokens, 33 tokens, 128 tokens.',
      })
      expect(check('attention-fused')?.error).toBeGreaterThan(0.1)
      for (const id of ['matmul', 'gemm', 'softmax', 'rms-norm', 'top-k', 'scatter', 'sae-step']) {
        expect(check(id)).toMatchObject({ id, state: 'passed' })
      }
      expect(check('attention-spelled-out')).toMatchObject({ state: 'passed' })
      expect(check('attention-spelled-out-cached')).toMatchObject({ state: 'passed' })
      expect(numerics).toMatchObject({
        float32: true,
        // this driver has no float16
        float16: null,
        attention: { float32: 'spelled-out', float16: null },
      })
    },
  )

  it.skipIf(existsSync(cudaProvider))(
    'says that the CUDA provider is missing, and how to get it',
    async () => {
      const { numerics, unavailable } = await probeDevice(
        { id: 'cuda:0', provider: 'cuda', name: 'A GPU' },
        { launch: builtCompute() },
      )
      expect(numerics).toBeNull()
      expect(unavailable?.reason).toBe('onnxruntime’s CUDA provider is not installed.')
      expect(unavailable?.fix).toMatchObject({ command: 'monoscope setup cuda', action: 'setup-cuda' })
    },
  )

  it('says that no Vulkan driver answers, and how to get one', async () => {
    const launch = builtCompute()
    const { unavailable } = await probeDevice(named('webgpu', 'WebGPU'), {
      launch: (job, env) => launch(job, { ...env, VK_ICD_FILENAMES: '/no/such.json' }),
    })
    expect(unavailable?.reason).toMatch(/Vulkan/)
    expect(unavailable?.fix?.command).toMatch(/libvulkan1/)
  })

  it.each([
    ['crash', /ended \((SIGABRT|SIGILL|SIGTRAP)\) while at: Matrix products/],
    ['exit', /ended \(exit code 3\) while at: Matrix products/],
    ['block', /hung for 4 s \(Matrix products\) and was ended/],
  ])('survives a provider that does "%s", and names the check', async (how, reason) => {
    const { numerics, unavailable } = await probeDevice(named('webgpu', how), {
      launch: misbehaving,
      patience: 4_000,
    })
    expect(numerics).toBeNull()
    expect(unavailable?.reason).toMatch(reason)
    expect(unavailable?.fix?.action).toBe('probe')
  })

  it('is ended when its host closes', async () => {
    const closing = new AbortController()
    const probed = probeDevice(named('webgpu', 'block'), { launch: misbehaving, signal: closing.signal })
    setTimeout(() => closing.abort(), 500)
    expect((await probed).unavailable?.reason).toMatch(/SIGKILL/)
  })
})

describe('why a device is not there', () => {
  const cuda = named('cuda', 'RTX 4090')
  it.each([
    [
      'Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcudnn.so.9: cannot open shared object file: No such file or directory',
      /needs libcudnn\.so\.9/,
      'monoscope setup cuda',
    ],
    ['CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version', /too old/, undefined],
    ['CUDA failure 100: no CUDA-capable device is detected ; GPU=0', /sees no such GPU/, undefined],
    ['CUDA failure 2: out of memory ; GPU=0', /memory is taken/, undefined],
    ['This session contains graph nodes that are assigned to the default CPU EP', /silently/, undefined],
    ['Left to another device: MatMul.', /silently/, undefined],
    ['first\nthe last line', /RTX 4090 does not start: the last line/, undefined],
  ])('%s', (said, reason, command) => {
    // what loading a library says goes to standard error, the rest into the error
    for (const [message, output] of [
      [said, ''],
      ['Failed.', said],
    ] as const) {
      const { reason: found, fix } = explainUnavailable(cuda, message, output)
      if (message === 'Failed.' && said.startsWith('first')) return
      expect(found).toMatch(reason)
      expect(fix?.command).toBe(command)
    }
  })
})
