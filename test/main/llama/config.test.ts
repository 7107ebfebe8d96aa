// Configurations in the spellings of several years, and what is refused by its name.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseConfig, readConfig } from '../../../src/main/llama/config-json.ts'
import { smallConfig } from '../../helpers/checkpoint-folder.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const parse = (changes: object, generation: object | null = null) =>
  parseConfig({ ...smallConfig, ...changes }, generation, 'config.json')

describe('a configuration', () => {
  it('is read whole', () => {
    expect(parse({})).toEqual({
      width: 8,
      layers: 2,
      heads: 2,
      keyHeads: 1,
      headWidth: 6,
      mlpWidth: 12,
      vocabulary: 10,
      positions: 64,
      normEpsilon: 1e-5,
      rope: { kind: 'default', theta: 10_000 },
      attentionBias: false,
      mlpBias: false,
      tiedHead: false,
      bosId: 1,
      eosIds: [2],
    })
  })

  it('has one key head per head and D / H wide heads unless it says otherwise', () => {
    expect(parse({ num_key_value_heads: undefined, head_dim: undefined })).toMatchObject({
      keyHeads: 2,
      headWidth: 4,
    })
    expect(parse({ num_key_value_heads: null, head_dim: null })).toMatchObject({ keyHeads: 2, headWidth: 4 })
  })

  it('may leave the model type to the architecture', () => {
    expect(parse({ model_type: undefined }).width).toBe(8)
    expect(parse({ architectures: undefined }).width).toBe(8)
  })

  it.each([
    [{}, null, [2]],
    [{ eos_token_id: [2, 3] }, null, [2, 3]],
    [{ eos_token_id: null }, null, []],
    [{ eos_token_id: -1 }, null, []],
    [{ eos_token_id: 2 }, { eos_token_id: [3, 4, 999] }, [3, 4]],
    [{ eos_token_id: 2 }, { eos_token_id: 5 }, [5]],
    [{ eos_token_id: 2 }, { temperature: 0.6 }, [2]],
  ])('%j with generation %j ends texts by %j', (changes, generation, ends) => {
    expect(parse(changes, generation).eosIds).toEqual(ends)
  })

  it('reads generation_config.json beside it', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'config.json'), JSON.stringify(smallConfig))
    expect((await readConfig(folder)).eosIds).toEqual([2])
    await writeFile(join(folder, 'generation_config.json'), '{"eos_token_id": [7, 8]}')
    expect((await readConfig(folder)).eosIds).toEqual([7, 8])
  })
})

describe('rotary positions', () => {
  const llama3 = {
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  }
  const wanted = {
    kind: 'llama3',
    theta: 500_000,
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalPositions: 8192,
  }

  it.each([
    ['none given', { rope_theta: undefined }, { kind: 'default', theta: 10_000 }],
    ['the old spelling', { rope_theta: 5e5, rope_scaling: null }, { kind: 'default', theta: 5e5 }],
    [
      'linear, old',
      { rope_theta: 5e5, rope_scaling: { type: 'linear', factor: 2 } },
      { kind: 'linear', theta: 5e5, factor: 2 },
    ],
    [
      'linear, new',
      { rope_theta: undefined, rope_parameters: { rope_type: 'linear', factor: 2, rope_theta: 5e5 } },
      { kind: 'linear', theta: 5e5, factor: 2 },
    ],
    ['llama3, old', { rope_theta: 5e5, rope_scaling: { rope_type: 'llama3', ...llama3 } }, wanted],
    ['llama3, new', { rope_parameters: { rope_type: 'llama3', rope_theta: 5e5, ...llama3 } }, wanted],
    [
      'llama3 without an original context',
      {
        rope_theta: 5e5,
        rope_scaling: { rope_type: 'llama3', ...llama3, original_max_position_embeddings: undefined },
      },
      { ...wanted, originalPositions: 64 },
    ],
  ])('%s', (_name, changes, rope) => {
    expect(parse(changes).rope).toEqual(rope)
  })

  it.each([
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'the rope type yarn is not known'],
    [{ rope_scaling: { type: 'dynamic', factor: 4 } }, 'the rope type dynamic is not known'],
    [{ rope_scaling: { type: 'linear' } }, 'the rope type linear comes without its factor'],
    [{ rope_scaling: { rope_type: 'llama3', factor: 2 } }, 'llama3 comes without its low_freq_factor'],
    [
      { rope_scaling: { rope_type: 'llama3', ...llama3, high_freq_factor: 1 } },
      'high_freq_factor 1 must be above',
    ],
    [{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor is 0.5'],
  ])('%j are refused', (changes, message) => {
    expect(() => parse(changes)).toThrow(
      expect.objectContaining({
        code: 'config/rope',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })
})

describe('a configuration is refused', () => {
  it.each([
    [
      { model_type: 'mistral', architectures: ['MistralForCausalLM'] },
      'MistralForCausalLM, model type mistral',
    ],
    [{ model_type: 'gpt2', architectures: undefined }, 'the architecture gpt2'],
    [{ architectures: ['LlamaForSequenceClassification'] }, 'LlamaForSequenceClassification'],
    [{ model_type: undefined, architectures: undefined }, 'describes no architecture'],
  ])('for another architecture: %j', (changes, name) => {
    expect(() => parse(changes)).toThrow(
      expect.objectContaining({
        code: 'config/architecture',
        message: expect.stringContaining(name) as string,
        hint: expect.any(String) as string,
      }) as Error,
    )
  })

  it('for weights quantised in a way that is not read', () => {
    expect(() => parse({ quantization_config: { quant_method: 'gptq', bits: 4 } })).toThrow(
      expect.objectContaining({
        code: 'config/quantised',
        message: expect.stringContaining('gptq') as string,
      }) as Error,
    )
  })

  it.each([
    [{ hidden_act: 'gelu' }, 'hidden_act is gelu'],
    [{ num_hidden_layers: 1e9 }, 'num_hidden_layers'],
    [{ hidden_size: 0 }, 'hidden_size'],
    [{ hidden_size: '8' }, 'hidden_size'],
    [{ vocab_size: undefined }, 'vocab_size'],
    [{ num_key_value_heads: 3 }, 'num_attention_heads 2 is no multiple of num_key_value_heads 3'],
    [{ head_dim: 5 }, 'head_dim 5 is odd'],
    [{ head_dim: undefined, hidden_size: 9 }, 'hidden_size 9 is no multiple of num_attention_heads 2'],
    [{ rms_norm_eps: -1 }, 'rms_norm_eps'],
    [{ eos_token_id: 'end' }, 'eos_token_id'],
  ])('for %j', (changes, message) => {
    expect(() => parse(changes)).toThrow(
      expect.objectContaining({
        code: 'config/wrong',
        message: expect.stringContaining(message) as string,
      }) as Error,
    )
  })

  it.each(['[]', 'null', '3', '"llama"'])('when it is %s', (text) => {
    expect(() => parseConfig(JSON.parse(text), null, 'config.json')).toThrow(
      expect.objectContaining({ kind: 'expected' }) as Error,
    )
  })

  it('when it is no JSON, or far too long', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'config.json'), '{"hidden_size": ')
    await expect(readConfig(folder)).rejects.toMatchObject({ code: 'checkpoint/bad-json' })
    await writeFile(join(folder, 'config.json'), Buffer.alloc(5 * 1024 * 1024, ' '))
    await expect(readConfig(folder)).rejects.toMatchObject({ code: 'config/wrong' })
  })
})

it('the demo model’s configuration is what its file says', async () => {
  const folder = join(import.meta.dirname, '../../../resources/demo/model')
  const file = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>
  const config = await readConfig(folder)
  expect([config.width, config.layers, config.headWidth, config.vocabulary]).toEqual([
    file.hidden_size,
    file.num_hidden_layers,
    file.head_dim,
    file.vocab_size,
  ])
})
