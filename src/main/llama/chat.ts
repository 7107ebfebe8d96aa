// Chats as prompts: the chat template a checkpoint brings, applied to messages.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { z } from 'zod'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { ioError } from '../store/io-error.ts'
import type { Message } from '../../shared/generation.ts'
import { readJson } from './tokenizer.ts'

const templateSchema = z.union([
  z.string(),
  z.array(z.object({ name: z.string(), template: z.string() })).transform(defaultOf),
])
const fileSchema = z.looseObject({ chat_template: templateSchema.nullish() })

/** Of several named templates the one for a plain chat. */
function defaultOf(named: readonly { name: string; template: string }[]): string | undefined {
  return (named.find(({ name }) => name === 'default') ?? named[0])?.template
}

/** What a template may ask about the model. */
export interface TemplateTokens {
  readonly bosToken: string | null
  readonly eosToken: string | null
}

export class ChatTemplate {
  readonly #program: ReturnType<typeof parse>

  /** The template in `chat_template.jinja`, `chat_template.json` or `tokenizer_config.json`; null where there is none. */
  static async open(folder: string): Promise<ChatTemplate | null> {
    const source = await sourceIn(folder)
    return source ? new ChatTemplate(source) : null
  }

  /** Throws `chat/template` where `source` is no template. */
  constructor(source: string) {
    try {
      this.#program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
    } catch (error) {
      throw broken(error)
    }
  }

  /**
   * The prompt that asks for the next message of the assistant; it has the BOS that the template puts there. `now` is
   * what templates that mention today's date are told. Throws `chat/refused` where the template does not take such
   * messages, `chat/template` where it cannot be applied.
   */
  render(messages: readonly Message[], { bosToken, eosToken }: TemplateTokens, now = new Date()): string {
    const environment = new Environment()
    const values = {
      ...globals(now),
      ...{ messages, add_generation_prompt: true, bos_token: bosToken ?? '', eos_token: eosToken ?? '' },
    }
    for (const [name, value] of Object.entries(values)) environment.set(name, value)
    try {
      return (new Interpreter(environment).run(this.#program) as { readonly value: string }).value
    } catch (error) {
      throw error instanceof MonoscopeError ? error : broken(error)
    }
  }
}

/** For a model without a template, which `name` names. */
export function noTemplate(name: string) {
  return expected(
    'chat/no-template',
    `The model ${name} has no chat template: it continues texts, and was not made for chats.`,
    'Give it a prompt to continue, or choose an instruct model.',
  )
}

async function sourceIn(folder: string): Promise<string | null> {
  const path = join(folder, 'chat_template.jinja')
  const own = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw ioError(error, path)
  })
  if (own !== null) return own
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const parsed = fileSchema.safeParse((await readJson(join(folder, name))) ?? {})
    if (!parsed.success) throw broken(parsed.error)
    if (parsed.data.chat_template) return parsed.data.chat_template
  }
  return null
}

/** What every template may use; the library's own dates speak the language of the machine, and models expect English. */
function globals(now: Date): Record<string, unknown> {
  return {
    ...{ true: true, false: false, none: null, True: true, False: false, None: null },
    range: (from: number, to?: number, step = 1) => {
      const [first, end] = to === undefined ? [0, from] : [from, to]
      return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, n) => first + n * step)
    },
    raise_exception: (message: string) => {
      throw expected(
        'chat/refused',
        `The model's chat template refuses these messages: ${message}`,
        'Begin with the user, or with one system message, and let user and assistant take turns.',
      )
    },
    strftime_now: (format: string) => formatDate(now, format),
  }
}

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** As Python's strftime in the C locale, in local time; an unknown letter stays as it is. */
function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const month = MONTHS[date.getMonth()] ?? ''
  const day = DAYS[date.getDay()] ?? ''
  const parts: Readonly<Record<string, string>> = {
    ...{ Y: String(date.getFullYear()), m: two(date.getMonth() + 1), d: two(date.getDate()) },
    ...{ H: two(date.getHours()), M: two(date.getMinutes()), S: two(date.getSeconds()) },
    ...{ B: month, b: month.slice(0, 3), A: day, a: day.slice(0, 3), '%': '%' },
  }
  return format.replace(/%([A-Za-z%])/g, (whole, letter: string) => parts[letter] ?? whole)
}

function broken(cause: unknown) {
  const why = cause instanceof Error ? cause.message : String(cause)
  return expected(
    'chat/template',
    `The model's chat template cannot be applied: ${why}`,
    'Give it a prompt to continue instead, or fetch its chat template again.',
    cause,
  )
}
