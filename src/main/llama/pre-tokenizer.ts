// Metaspace pre-tokenizers spelt out for the tokenizer library, which knows neither `split` nor `add_prefix_space`.

interface PreTokenizerConfig {
  readonly type?: string
  readonly pretokenizers?: readonly PreTokenizerConfig[]
  readonly replacement?: string
  readonly prepend_scheme?: string
  readonly add_prefix_space?: boolean
  readonly split?: boolean
}

/** The same pre-tokenizer in the library's terms. */
export function spelledOut(config: PreTokenizerConfig | null | undefined): PreTokenizerConfig | null {
  if (!config) return null
  if (config.type === 'Sequence') {
    const pretokenizers = (config.pretokenizers ?? []).flatMap((part) => spelledOut(part) ?? [])
    return { ...config, pretokenizers }
  }
  if (config.type !== 'Metaspace') return config
  const space = config.replacement ?? '▁'
  const whole = {
    ...config,
    prepend_scheme: config.prepend_scheme ?? (config.add_prefix_space === false ? 'never' : 'always'),
  }
  if (config.split === false) return whole
  // words begin at each space, so that no token reaches over one
  const words = {
    type: 'Split',
    pattern: { Regex: `${space}[^${space}]*|[^${space}]+` },
    behavior: 'Isolated',
    invert: false,
  }
  return { type: 'Sequence', pretokenizers: [whole, words] }
}
