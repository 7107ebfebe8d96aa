// `monoscope generate`: a completion that streams to the terminal, or the next message of a chat.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { fieldsOf, issueText } from '../../shared/config.ts'
import type { GenerationState } from '../../shared/contract/generation.ts'
import { cancelled, expected, fromErrorData } from '../../shared/errors.ts'
import { type EndReason, knobsSchema, type Message, modelPrecisionSchema } from '../../shared/generation.ts'
import { optionOf, parseValue } from './flags.ts'
import type { Output } from './output.ts'
import type { Action, Session } from './program.ts'

export function addGenerate(program: Command, action: Action): void {
  const fields = fieldsOf(knobsSchema)
  const command = program
    .command('generate')
    .summary('Continue a text with a model.')
    .description('Continue a text with a model; with --chat, answer it.')
    .argument('<prompt>', 'the text')
    .requiredOption('--model <model>', 'id of a model, the beginning of one, or the folder of a checkpoint')
    .option('--chat', "take the prompt for a message, and put it in the model's chat template")
    .option('--system <text>', 'system message of the chat; asks for --chat')
  command.addOption(
    new Option('--stop <text>', 'end the text before this; repeatable').argParser(
      (text, before?: string[]) => {
        if (text === '') throw new InvalidArgumentError('It must not be empty.')
        return [...(before ?? []), text]
      },
    ),
  )
  command.addOption(
    new Option('--precision <precision>', 'int4 computes with weights of few bits, on the CPU')
      .choices(['auto', 'int4'])
      .default('auto'),
  )
  for (const field of fields) command.addOption(optionOf(field))
  command.action(
    action(async (session, options, [prompt = '']) => {
      const given = Object.fromEntries(
        fields.flatMap((field) => {
          const text = options[field.name]
          return text === undefined ? [] : [[field.name, parseValue(field, String(text))]]
        }),
      )
      const knobs = knobsSchema.safeParse(given)
      if (!knobs.success)
        throw expected('settings/value', `${issueText(knobs.error)}.`, 'See monoscope generate --help.')
      const { maxTokens, ...sampling } = knobs.data
      const model = String(options.model)
      const state = await streamed(session, {
        // the host may have another working directory
        model: existsSync(model) ? resolve(model) : model,
        precision: modelPrecisionSchema.parse(options.precision),
        rows: [
          {
            prompt: options.chat ? chatOf(prompt, options.system) : plain(prompt, options.system),
            stop: (options.stop ?? []) as unknown as string[],
            ...{ sampling, maxTokens },
          },
        ],
      })
      const [row] = state.rows
      const text = textOf(state)
      const { tokensPerSecond } = state
      session.output.result(
        {
          baseline: text,
          // a model alone has nothing to steer it with
          steered: null,
          tokensPerSecond,
          end: row?.end ?? null,
          ...{
            promptTokens: row?.promptTokens ?? null,
            tokens: row?.tokens.length ?? 0,
            seed: sampling.seed,
          },
        },
        [],
      )
      session.output.say(summary(state))
    }),
  )
}

function chatOf(prompt: string, system: string | boolean | undefined): Message[] {
  const first: Message[] = typeof system === 'string' ? [{ role: 'system', content: system }] : []
  return [...first, { role: 'user', content: prompt }]
}

function plain(prompt: string, system: string | boolean | undefined): string {
  if (system === undefined) return prompt
  throw expected('generate/system', 'A system message belongs to a chat.', 'Add --chat.')
}

/** Writes the text as it comes; resolves with all of it. Ctrl-C cancels it. */
function streamed(
  { client, output }: Pick<Session, 'client' | 'output'>,
  input: Parameters<typeof client.subscribe<'model.generate'>>[1],
): Promise<GenerationState> {
  return new Promise((done, reject) => {
    let last: GenerationState | undefined
    let written = 0
    const stop = client.subscribe('model.generate', input, {
      state: (state) => {
        last = state
        output.status(state.waiting ?? '')
        const text = textOf(state)
        write(output, text.slice(written), state)
        written = text.length
      },
      end: (error) => {
        leave()
        if (error) reject(fromErrorData(error))
        else if (last) done(last)
      },
    })
    const onInterrupt = () => {
      leave()
      stop()
      reject(cancelled())
    }
    const leave = () => {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onInterrupt)
      if (written > 0) output.text('\n')
    }
    process.on('SIGINT', onInterrupt)
    process.on('SIGTERM', onInterrupt)
  })
}

function write(output: Output, text: string, { waiting }: GenerationState): void {
  if (waiting === null && text !== '') output.text(text)
}

function textOf(state: GenerationState): string {
  return (state.rows[0]?.tokens ?? []).map(({ text }) => text).join('')
}

const ends: Readonly<Record<EndReason, string>> = {
  eos: 'the model ended the text',
  stop: 'a stop string ended it',
  length: 'as long as asked for',
  context: "the model's context is full",
}

/** "12 tokens after 5 of the prompt, 33.1 tokens/s; the model ended the text". */
function summary({ rows, tokensPerSecond }: GenerationState): string {
  const [row] = rows
  const speed = tokensPerSecond === null ? '' : `, ${tokensPerSecond.toFixed(1)} tokens/s`
  const counted = `${row?.tokens.length ?? 0} tokens after ${row?.promptTokens ?? 0} of the prompt`
  return `${counted}${speed}; ${row?.end ? ends[row.end] : 'it was ended'}.`
}
