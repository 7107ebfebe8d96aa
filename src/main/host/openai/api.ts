// OpenAI's completions for other programs: /v1/models, /v1/completions, /v1/chat/completions, steered by "steer".
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expected, toErrorData } from '../../../shared/errors.ts'
import type { GeneratedToken, GenerationEvent } from '../../../shared/generation.ts'
import type { Model } from '../../../shared/models.ts'
import { steeredBatchSchema, type SteeringEvent } from '../../../shared/steering.ts'
import { pathOf } from '../gate.ts'
import type { Models } from '../models.ts'
import type { ModelsEngine } from '../models-engine.ts'
import type { Steering } from '../steering.ts'
import { Answer, type ApiText, errorAnswer } from './answer.ts'
import { type ApiOrder, parseOrder } from './request.ts'

export interface ApiParts {
  readonly models: Pick<Models, 'list' | 'get'>
  readonly engine: ModelsEngine
  readonly steering: Steering
}

/** Bytes of the largest body; a context of 128k tokens is a fraction of it. */
const MOST_BYTES = 8e6

/** Whether `path` is one of these. */
export function isApiPath(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/')
}

/** Answers one request; `letIn` tells whether it brought the token. Never rejects. */
export async function answerApi(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  letIn: boolean,
): Promise<void> {
  try {
    if (!letIn) throw noToken()
    const path = pathOf(request)
    if (path === '/v1/models') return sendJson(response, 200, listed(parts.models))
    const id = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1]
    if (id !== undefined) return sendJson(response, 200, toldOf(parts.models.get(id)))
    const kind = kinds[path]
    if (!kind)
      throw expected(
        'api/path',
        `There is no ${path} here.`,
        `There are ${Object.keys(kinds).join(', ')}, /v1/models.`,
      )
    if (request.method !== 'POST')
      throw expected('api/method', `${path} takes POST.`, 'Send the order as JSON with POST.')
    await complete(parts, parseOrder(kind, await bodyOf(request)), response)
  } catch (error) {
    fail(response, error)
  }
}

const kinds: Readonly<Record<string, ApiOrder['kind']>> = {
  '/v1/completions': 'completion',
  '/v1/chat/completions': 'chat',
}

async function complete(parts: ApiParts, order: ApiOrder, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const answer = new Answer(order)
  const texts = Array.from({ length: order.count }, (): Growing => ({ tokens: [], end: null }))
  let promptTokens = 0
  const send = (data: object) => {
    if (!response.headersSent) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    }
    response.write(`data: ${JSON.stringify(data)}\n\n`)
  }
  await generated(
    parts,
    order,
    (event) => {
      if (event.type === 'prompt') {
        promptTokens = event.tokens
        return
      }
      const text = texts[event.row]!
      const first = text.tokens.length === 0
      if (event.type === 'end') text.end = event.reason
      else text.tokens.push(...event.tokens)
      if (!order.stream) return
      const tokens = event.type === 'end' ? [] : event.tokens
      send(answer.chunk(event.row, tokens, text.end, first))
    },
    gone.signal,
  )
  if (!order.stream) return sendJson(response, 200, answer.whole(texts, promptTokens))
  if (order.usage) send(answer.usage(texts, promptTokens))
  response.end('data: [DONE]\n\n')
}

interface Growing extends ApiText {
  readonly tokens: GeneratedToken[]
  end: ApiText['end']
}

type Told =
  { readonly type: 'prompt'; readonly tokens: number } | Extract<GenerationEvent, { type: 'tokens' | 'end' }>

/** Tells of the texts of an order, steered or not, counted from 0. */
async function generated(
  { engine, steering }: ApiParts,
  { model, row, count, steer }: ApiOrder,
  tell: (event: Told) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = () => undefined
  if (!steer) {
    const rows = Array.from({ length: count }, (_, stream) => ({ ...row, stream }))
    const event = (told: GenerationEvent) => {
      if (told.type === 'prompt') tell({ type: 'prompt', tokens: told.tokens[0] ?? 0 })
      else if (told.type !== 'done') tell(told)
    }
    return engine.generate({ model, precision: 'auto' }, rows, { waiting, event }, signal)
  }
  const { sae, interventions, special, any_name: anyName } = steer
  const batch = steeredBatchSchema.parse({
    ...{ ...row, rows: [interventions] },
    ...(special !== undefined && { special }),
  })
  const event = (told: SteeringEvent) => {
    if (told.type === 'prompt') tell({ type: 'prompt', tokens: told.tokens.length })
    // row 0 is the unsteered text
    else if ((told.type === 'tokens' || told.type === 'end') && told.row === 1) tell({ ...told, row: 0 })
  }
  return steering.run({ sae, model, precision: 'auto', anyName }, batch, { waiting, event }, signal)
}

function listed(models: ApiParts['models']): object {
  const ready = models.list().filter(({ state }) => state === 'ready')
  return { object: 'list', data: ready.map(toldOf) }
}

function toldOf({ id, importedAt }: Model): object {
  return { id, object: 'model', created: Math.floor(importedAt / 1000), owned_by: 'monoscope' }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MOST_BYTES)
      throw expected('api/size', `The request has more than ${MOST_BYTES} bytes.`, 'Send less text.')
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'))
  } catch (error) {
    throw expected('api/request', 'The request is no JSON.', 'Send one JSON object.', error)
  }
}

function fail(response: ServerResponse, error: unknown): void {
  const { status, body } = errorAnswer(toErrorData(error))
  if (response.destroyed) return
  if (!response.headersSent) return sendJson(response, status, body)
  // the stream has begun: clients take an error for its last event
  response.end(`data: ${JSON.stringify(body)}\n\n`)
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  })
  response.end(JSON.stringify(body))
}

function noToken() {
  return expected(
    'api/token',
    'The request did not bring the token of this start.',
    'It is the part behind "#token=" of the address that "monoscope serve" prints; send it as the API key.',
  )
}
