// `monoscope generate`: a completion that streams to the terminal, or the next message of a chat, steered or not.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { fieldsOf, issueText } from '../../shared/config.ts'
import type { GenerationState } from '../../shared/contract/generation.ts'
import { expected } from '../../shared/errors.ts'
import { type EndReason, knobsSchema, type Message, modelPrecisionSchema } from '../../shared/generation.ts'
import { parseSteering } from '../../shared/steer-text.ts'
import { artifactOf, optionOf, parseValue } from './flags.ts'
import { followed, textOf } from './follow-text.ts'
import { type Asked, steered } from './generate-steered.ts'
import type { Output } from './output.ts'
import type { Action, Session } from './action.ts'

export function addGenerate(program: Command, action: Action): void {
  const fields = fieldsOf(knobsSchema)
  const command = program
    .command('generate')
    .summary('Continue a text with a model.')
    .description('Continue a text with a model; with --chat, answer it.')
    .argument('<prompt>', 'the text')
    .option(
      '--model <model>',
      'id of a model, the beginning of one, or the folder of a checkpoint; with --sae by default the one it is of',
    )
    .option('--sae <sae>', 'the SAE whose features steer: an id, the beginning of one, or a folder')
    .option('--any-name', 'take an SAE from elsewhere that was made for a model of another name')
    .option('--steer-special', 'steer special tokens, too, in a chat')
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
    new Option(
      '--steer <list>',
      'FEATURE=STRENGTH in multiples of the mean residual norm, clamp:FEATURE=VALUE, ablate:FEATURE, behind each @FEATURE for where; repeatable',
    ).argParser((text, before?: string[]) => [...(before ?? []), text]),
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
      const asked: Asked = {
        ...{ sampling, maxTokens },
        prompt: options.chat ? chatOf(prompt, options.system) : plain(prompt, options.system),
        stop: (options.stop ?? []) as unknown as string[],
        precision: modelPrecisionSchema.parse(options.precision),
        model: named(options.model),
      }
      const steer = (options.steer ?? []) as unknown as string[]
      if (options.sae === undefined && steer.length === 0) return unsteered(session, asked)
      await steered(session, asked, {
        sae: named(options.sae),
        interventions: steer.flatMap(parseSteering),
        anyName: options.anyName === true,
        ...(options.steerSpecial === true && { special: true }),
      })
    }),
  )
}

async function unsteered(session: Session, { model, precision, ...row }: Asked): Promise<void> {
  if (model === undefined) {
    throw expected('generate/no-model', 'It is not said which model to use.', 'Add --model, or --sae.')
  }
  const state = await streamed(session, { model, precision, rows: [row] })
  const [told] = state.rows
  session.output.result(
    {
      baseline: textOf(state.rows[0]),
      // a model alone has nothing to steer it with
      steered: null,
      tokensPerSecond: state.tokensPerSecond,
      ...{ end: told?.end ?? null, promptTokens: told?.promptTokens ?? null },
      ...{ tokens: told?.tokens.length ?? 0, seed: row.sampling.seed },
    },
    [],
  )
  session.output.say(summary(state))
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
  let written = 0
  return followed<GenerationState>(
    (listener) => client.subscribe('model.generate', input, listener),
    (state) => {
      output.status(state.waiting ?? '')
      const text = textOf(state.rows[0])
      write(output, text.slice(written), state)
      written = text.length
    },
  ).finally(() => {
    if (written > 0) output.text('\n')
  })
}

function write(output: Output, text: string, { waiting }: GenerationState): void {
  if (waiting === null && text !== '') output.text(text)
}

/** Undefined where nothing is named. */
function named(option: string | boolean | undefined): string | undefined {
  return typeof option === 'string' ? artifactOf(option) : undefined
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
