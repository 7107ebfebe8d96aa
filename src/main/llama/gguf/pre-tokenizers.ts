// How byte-level vocabularies cut text into words before any merge, by the names GGUF files give.

/** One step of a Hugging Face pre-tokenizer. */
type Step = Readonly<Record<string, unknown>>

export interface PreTokenizer {
  readonly steps: readonly Step[]
  /** A word that is in the vocabulary is one token, whatever the merges say. */
  readonly wholeWords: boolean
  /** A text begins with the beginning-of-text token unless the file says otherwise. */
  readonly addsBos: boolean
}

/** Cuts at every match, which is a word of its own. */
const split = (regex: string): Step => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
})
const bytes = (regex: boolean): Step => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: regex,
})

const rest = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const contractions = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`
const word = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`
const upper = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
const lower = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
const cased = (suffix: string) =>
  String.raw`[^\r\n\p{L}\p{N}]?${upper}*${lower}+${suffix}|[^\r\n\p{L}\p{N}]?${upper}+${lower}*${suffix}`
const restWithSlash = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
/** What the ByteLevel step does by itself, for where other cuts follow. */
const gpt2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

const plain = (...steps: Step[]): PreTokenizer => ({ steps, wholeWords: false, addsBos: false })
const marked = (...steps: Step[]): PreTokenizer => ({ steps, wholeWords: true, addsBos: true })

const llama3 = marked(split(`${contractions}|${word}|\\p{N}{1,3}|${rest}`), bytes(false))
const llama3Merging = plain(...llama3.steps)
const qwen2 = plain(split(`${contractions}|${word}|\\p{N}|${rest}`), bytes(false))
const gpt2Plain = plain(bytes(true))
const singleDigits = plain(split(String.raw`\p{N}`), bytes(true))
const gpt4o = plain(split(`${cased(`${contractions}?`)}|\\p{N}{1,3}|${restWithSlash}`), bytes(false))

/** Those that models of the llama architecture come with. */
export const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['falcon3', llama3],
  ['pixtral', llama3],
  ['midm-2.0', llama3],
  ['dbrx', llama3Merging],
  ['smaug-bpe', llama3Merging],
  ['qwen2', qwen2],
  ['deepseek-r1-qwen', qwen2],
  ['stablelm2', qwen2],
  ['megrez', qwen2],
  ['gpt-2', gpt2Plain],
  ['phi-2', gpt2Plain],
  ['olmo', gpt2Plain],
  ['mpt', gpt2Plain],
  ['trillion', gpt2Plain],
  ['gigachat', gpt2Plain],
  ['smollm', singleDigits],
  ['starcoder', singleDigits],
  ['refact', singleDigits],
  ['codeshell', singleDigits],
  ['exaone', singleDigits],
  ['minerva-7b', singleDigits],
  ['command-r', singleDigits],
  ['tekken', marked(split(`${cased('')}|\\p{N}|${restWithSlash}`), bytes(false))],
  ['gpt-4o', gpt4o],
  ['llama4', gpt4o],
  [
    'deepseek-coder',
    plain(
      split(String.raw`[\r\n]`),
      split(String.raw`\s?\p{L}+`),
      split(String.raw`\s?\p{P}+`),
      split('[一-龥ࠀ-一가-퟿]+'),
      split(String.raw`\p{N}`),
      bytes(false),
    ),
  ],
  [
    'deepseek-v3',
    plain(
      split(String.raw`\p{N}{1,3}`),
      split('[一-龥぀-ゟ゠-ヿ]+'),
      split(
        String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${'`'}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      ),
      bytes(false),
    ),
  ],
  [
    // what files without a name, or from before there were names, are read with
    'default',
    plain(
      split(String.raw`[\p{P}$+<=>^~|]+`),
      split(gpt2),
      split(String.raw`\p{N}+`),
      split('[0-9][0-9][0-9]'),
      bytes(false),
    ),
  ],
])
