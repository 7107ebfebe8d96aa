// What models need and whether it fits; the catalogue's sizes are those their makers publish.
import { describe, expect, it } from 'vitest'
import { catalogue, downloadBytes } from '../../src/shared/catalogue.ts'
import type { DevicesState, DeviceStatus } from '../../src/shared/devices.ts'
import { repositoryPattern } from '../../src/shared/hub.ts'
import { fitOf, judge, memoryNeed, parametersOf, workMemory } from '../../src/shared/model-memory.ts'

const byName = (name: string) => catalogue.find((entry) => entry.name === name)!

describe('the catalogue', () => {
  it.each([
    // as published for each
    ['Llama-3.2-1B', 1_235_814_400],
    ['Llama-3.2-3B', 3_212_749_824],
    ['SmolLM2-135M', 134_515_008],
    ['SmolLM2-360M', 361_821_120],
    ['SmolLM2-1.7B', 1_711_376_384],
    ['TinyLlama-1.1B-Chat-v1.0', 1_100_048_384],
  ])('counts the parameters of %s', (name, parameters) => {
    expect(parametersOf(byName(name).architecture)).toBe(parameters)
    expect(downloadBytes(byName(name))).toBe(2 * parameters)
  })

  it('begins with Llama 3.2, base and instruct, which is gated; the others are not', () => {
    expect(catalogue.slice(0, 4).map(({ name }) => name)).toEqual([
      'Llama-3.2-1B',
      'Llama-3.2-1B-Instruct',
      'Llama-3.2-3B',
      'Llama-3.2-3B-Instruct',
    ])
    expect(catalogue.filter(({ gated }) => gated)).toEqual(catalogue.slice(0, 4))
    expect(catalogue.every(({ repository }) => repositoryPattern.test(repository))).toBe(true)
  })
})

describe('the memory of a model', () => {
  const { architecture } = byName('Llama-3.2-1B')

  it('is its weights and its cache at a precision', () => {
    const float16 = memoryNeed(architecture, 'float16')
    expect(float16.weights).toBe(2_471_628_800)
    // 2 rows of 2,048 tokens: keys and values of 16 blocks, 8 heads, 64 wide
    expect(float16.cache).toBe(2 * 2048 * 2 * 16 * 8 * 64 * 2)
    expect(memoryNeed(architecture, 'float32').weights).toBe(2 * float16.weights)
    const embedding = 128_256 * 2048
    const norms = 33 * 2048
    const int4 = memoryNeed(architecture, 'int4').weights
    expect(int4).toBe(4 * norms + (9 / 8) * embedding + (6 / 8) * (1_235_814_400 - embedding - norms))
  })

  it('counts biases, and a head of its own', () => {
    const parameters = (changes: object) => parametersOf({ ...architecture, ...changes })
    const more = (changes: object) => parameters(changes) - parameters({})
    expect(more({ tiedHead: false })).toBe(128_256 * 2048)
    expect(more({ attentionBias: true })).toBe(16 * (2048 + 2 * 512 + 2048))
    expect(more({ mlpBias: true })).toBe(16 * (2 * 8192 + 2048))
  })

  it('fits, is tight, or is too large; without a number for the device nobody knows', () => {
    const need = memoryNeed(architecture, 'float16')
    const fits = [need.total / 0.8, need.total / 0.8 - 1, need.total, need.total - 1, null]
    expect(fits.map((memory) => fitOf(need, memory))).toEqual([
      'fits',
      'tight',
      'tight',
      'too large',
      'unknown',
    ])
  })

  it('is judged where work runs: float16 on a GPU that has it, the machine’s memory for the CPU', () => {
    const device = (status: object) => ({
      id: 'cuda:0',
      provider: 'cuda',
      name: 'GPU',
      memory: 8e9,
      ...status,
    })
    const state = (...devices: object[]): DevicesState => ({
      devices: devices as DeviceStatus[],
      choice: 'auto',
      chosen: 'cuda:0',
    })
    const onGpu = workMemory(state(device({ numerics: { float16: true } })), 32e9)
    expect(onGpu).toEqual({ name: 'GPU', provider: 'cuda', precision: 'float16', memory: 8e9 })
    expect(workMemory(state(device({ numerics: { float16: false } })), 32e9).precision).toBe('float32')
    const cpu = { id: 'cuda:0', provider: 'cpu', name: 'CPU', memory: null, numerics: { float16: true } }
    expect(workMemory(state(cpu), 32e9)).toEqual({
      name: 'CPU',
      provider: 'cpu',
      precision: 'float32',
      memory: 32e9,
    })
    expect(workMemory(state(), 32e9).name).toBe('CPU')
    expect(judge(architecture, onGpu)).toMatchObject({ fit: 'fits', parameters: 1_235_814_400 })
  })
})

describe('the id of a repository', () => {
  it('is owner and name, and leads nowhere else', () => {
    const ids = ['meta-llama/Llama-3.2-1B', 'gpt2', 'a/b.c_d-e']
    expect(ids.every((id) => repositoryPattern.test(id))).toBe(true)
    const others = ['', '..', '../x', 'a/..', 'a/b/c', '/a', 'a/', 'a b', 'https://hub/a/b', './a', 'a/.']
    expect(others.filter((id) => repositoryPattern.test(id))).toEqual([])
  })
})
