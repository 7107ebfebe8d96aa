// Which files of a Hugging Face folder or repository make up a model: what is read, its licence, and nothing twice.

export const CONFIG = 'config.json'
export const SINGLE = 'model.safetensors'
export const INDEX = 'model.safetensors.index.json'
/** The blocks that the matrices of a GGUF file were quantised in; they lie beside the weights that were made of them. */
export const BLOCKS = 'blocks.safetensors'

/** Beside the weights; each is optional but the first. */
const sidecars = [
  CONFIG,
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'tokenizer.model',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'vocab.json',
  'merges.txt',
  BLOCKS,
]

/** The terms go with the weights; the card may name them. */
const terms = /^(LICEN[CS]E|NOTICE|USE_POLICY|README)([.-].*)?$/i

/** Those of `names` that are not weights, in a fixed order. */
export function sidecarsOf(names: readonly string[]): string[] {
  return [
    ...sidecars.filter((name) => names.includes(name)),
    ...names.filter((name) => terms.test(name)).sort(),
  ]
}

/** True for a name that stays in its folder on every system. */
export function isSafeName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  if (name === '' || /[\\:\u0000-\u001f]/.test(name) || name.startsWith('/')) return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
