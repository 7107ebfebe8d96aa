// Rebuilds Hugging Face's tokenizer.json and tokenizer_config.json from what a GGUF file says of its tokenizer.
import { expected } from '../../../shared/errors.ts'
import type { Metadata } from './metadata.ts'
import { preTokenizers } from './pre-tokenizers.ts'
import { mergesOf } from './sentence-piece.ts'
import { tokenKinds, type Vocabulary } from './vocabulary.ts'

interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: unknown
  /** tokenizer_config.json */
  readonly config: unknown
}

/** What the two kinds of vocabulary differ in. */
interface Parts {
  readonly model: Readonly<Record<string, unknown>>
  readonly normalizer: unknown
  readonly preTokenizer: unknown
  readonly decoder: unknown
  readonly addsBos: boolean
}

/** Throws `gguf/tokenizer` (a kind that is not known, by its name) or `gguf/metadata`. */
export function tokenizerOf(metadata: Metadata, vocabulary: Vocabulary): TokenizerFiles {
  const parts = partsOf(metadata, vocabulary)
  const { tokens, bosId, eosIds, unknownId, paddingId } = vocabulary
  const addsBos = metadata.flag('tokenizer.ggml.add_bos_token') ?? parts.addsBos
  const addsEos = metadata.flag('tokenizer.ggml.add_eos_token') ?? false
  const [eosId = null] = eosIds
  const text = (id: number | null) => (id === null ? null : tokens[id]!)
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: addedTokens(vocabulary),
      normalizer: parts.normalizer,
      pre_tokenizer: parts.preTokenizer,
      post_processor: frame(addsBos ? text(bosId) : null, addsEos ? text(eosId) : null, tokens),
      decoder: parts.decoder,
      model: parts.model,
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: addsBos,
      add_eos_token: addsEos,
      bos_token: text(bosId),
      eos_token: text(eosId),
      unk_token: text(unknownId),
      pad_token: text(paddingId),
      model_max_length: metadata.neededNumber('llama.context_length'),
      clean_up_tokenization_spaces: false,
      ...(vocabulary.chatTemplate !== null && { chat_template: vocabulary.chatTemplate }),
    },
  }
}

function partsOf(metadata: Metadata, vocabulary: Vocabulary): Parts {
  const model = metadata.text('tokenizer.ggml.model')
  switch (model) {
    case 'gpt2':
      return bytePair(metadata, vocabulary)
    case 'llama':
      return sentencePiece(metadata, vocabulary)
    default:
      throw unknown(
        metadata.path,
        `its tokenizer is of the kind ${model ?? '(none)'}, and gpt2 and llama are known`,
      )
  }
}

/** Byte-level: every byte is a character, words are cut by patterns, and merges are given in order. */
function bytePair(metadata: Metadata, vocabulary: Vocabulary): Parts {
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default'
  const pre = preTokenizers.get(name)
  if (!pre) throw unknown(metadata.path, `its pre-tokenizer ${name} is not known`)
  const merges = givenMerges(metadata)
  if (!merges) throw metadata.wrong('it has no tokenizer.ggml.merges')
  return {
    model: bpe(vocabulary, merges, { ignore_merges: pre.wholeWords }),
    normalizer: null,
    preTokenizer: { type: 'Sequence', pretokenizers: pre.steps },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    addsBos: pre.addsBos,
  }
}

/** Null when the file has none. */
function givenMerges(metadata: Metadata): [left: string, right: string][] | null {
  const lines = metadata.texts('tokenizer.ggml.merges')
  if (!lines) return null
  return lines.map((line, index) => {
    // the left part may begin with a space
    const space = line.indexOf(' ', 1)
    if (space < 0) throw metadata.wrong(`entry ${index} of tokenizer.ggml.merges is no pair`)
    return [line.slice(0, space), line.slice(space + 1)]
  })
}

/** Characters, with the bytes of those that are missing as a fallback; "▁" stands for a space. */
function sentencePiece(metadata: Metadata, vocabulary: Vocabulary): Parts {
  // files made from a tokenizer.json have its merges, and scores that say nothing
  const merges = givenMerges(metadata) ?? mergesOf(vocabulary, scoresOf(metadata, vocabulary))
  const prefix = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true
  const space = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  return {
    model: bpe(vocabulary, merges, {
      unk_token: vocabulary.unknownId === null ? null : vocabulary.tokens[vocabulary.unknownId],
      fuse_unk: true,
      byte_fallback: true,
    }),
    normalizer: {
      type: 'Sequence',
      normalizers: prefix ? [{ type: 'Prepend', prepend: '▁' }, space] : [space],
    },
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    addsBos: true,
  }
}

function scoresOf(metadata: Metadata, { tokens }: Vocabulary): readonly number[] {
  const scores = metadata.numbers('tokenizer.ggml.scores')
  if (scores?.length !== tokens.length) {
    throw metadata.wrong(
      `tokenizer.ggml.scores has ${scores?.length ?? 'no'} entries for ${tokens.length} tokens`,
    )
  }
  return scores
}

function bpe(
  { tokens }: Vocabulary,
  merges: readonly (readonly string[])[],
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...options,
    // entries, because a token may be called "__proto__"
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  }
}

/** Tokens that are found in the text before anything else is done with it. */
function addedTokens({ tokens, kinds }: Vocabulary): unknown[] {
  return [...tokens.entries()]
    .filter(([id]) => isAdded(kinds[id]))
    .map(([id, content]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: kinds[id] !== tokenKinds.userDefined,
    }))
}

function isAdded(kind: number | undefined): boolean {
  return kind === tokenKinds.control || kind === tokenKinds.userDefined || kind === tokenKinds.unknown
}

/** What is put before and behind a text; null when nothing is. */
function frame(bos: string | null, eos: string | null, tokens: readonly string[]): unknown {
  const marks = [bos, eos].filter((mark) => mark !== null)
  if (marks.length === 0) return null
  const special = (mark: string | null, type: number) =>
    mark === null ? [] : [{ SpecialToken: { id: mark, type_id: type } }]
  const framed = (id: 'A' | 'B', type: number) => [
    ...special(bos, type),
    { Sequence: { id, type_id: type } },
    ...special(eos, type),
  ]
  return {
    type: 'TemplateProcessing',
    single: framed('A', 0),
    pair: [...framed('A', 0), ...framed('B', 1)],
    special_tokens: Object.fromEntries(
      marks.map((mark) => [mark, { id: mark, ids: [tokens.indexOf(mark)], tokens: [mark] }]),
    ),
  }
}

function unknown(path: string, why: string): Error {
  return expected(
    'gguf/tokenizer',
    `Cannot use the tokenizer of ${path}: ${why}.`,
    'Fetch the model’s original safetensors files instead; they bring their own tokenizer.json.',
  )
}
