// The completions for other programs, asked by OpenAI's own client: whole and streamed, plain and steered, and refused.
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { randomSae } from '../../helpers/random-sae.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const hook = 'blocks.3.hook_resid_post'

async function opened() {
  // its probe in software takes half a minute
  setEnvironment({ VK_ICD_FILENAMES: '/no/such.json' })
  const { host, client, workspace } = await testHost()
  const [address, token] = host.url.split('/#token=') as [string, string]
  const clientWith = (apiKey: string, headers: Record<string, string> = {}) =>
    new OpenAI({ baseURL: `${address}/v1`, apiKey, maxRetries: 0, defaultHeaders: headers })
  const metadata = { hook_name: hook, model_name: 'somebody/Talking' }
  await writeSae(join(workspace, 'saes', 'small'), randomSae('topk', 192, 64, { metadata }), null)
  return { client, address, token, openai: clientWith(token), clientWith }
}

/** The demo model with a template for chats. */
async function withTemplate(): Promise<string> {
  const folder = join(await temporaryFolder(), 'talking')
  await cp('resources/demo/model', folder, { recursive: true })
  const template =
    '{% for message in messages %}{{ message.role }}: {{ message.content }}\\n{% endfor %}assistant:'
  await writeFile(join(folder, 'chat_template.jinja'), template)
  return folder
}

describe('the completions for other programs', { timeout: 120_000 }, () => {
  it("work with OpenAI's client", async () => {
    const { client, address, token, openai, clientWith } = await opened()
    const params = { path: await withTemplate(), link: true }
    const job = await client.call('jobs.start', { kind: 'import', params })
    const { result } = await jobUntil(client, job.id, ({ state }) => state === 'done')
    const { id: model } = result as { id: string }
    const ids = async () => (await openai.models.list()).data.map(({ id }) => id)
    await expect.poll(ids).toEqual([model])
    expect((await openai.models.list()).data[0]).toMatchObject({ object: 'model', owned_by: 'monoscope' })

    expect((await openai.models.retrieve(model)).id).toBe(model)
    await expect(openai.models.retrieve('none')).rejects.toMatchObject({
      ...{ status: 404, code: 'models/unknown' },
    })

    const asked = { model, prompt: 'The old sailor', max_tokens: 8, seed: 4, logprobs: 1 }
    const whole = await openai.completions.create(asked)
    const [choice] = whole.choices
    expect(whole).toMatchObject({
      object: 'text_completion',
      usage: { prompt_tokens: 6, completion_tokens: 8, total_tokens: 14 },
    })
    expect(choice).toMatchObject({ index: 0, finish_reason: 'length' })
    expect(choice!.logprobs!.tokens!.join('')).toBe(choice!.text)

    let text = ''
    let usage: unknown
    const stream = await openai.completions.create({
      ...{ ...asked, stream: true, stream_options: { include_usage: true } },
    })
    const reasons = []
    const offsets = []
    for await (const chunk of stream) {
      offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []))
      text += chunk.choices[0]?.text ?? ''
      reasons.push(chunk.choices[0]?.finish_reason)
      usage = chunk.usage ?? usage
    }
    expect(text).toBe(choice!.text)
    expect(reasons.filter(Boolean)).toEqual(['length'])
    expect(offsets).toEqual(choice!.logprobs!.text_offset)
    expect(usage).toMatchObject({ completion_tokens: 8 })

    const several = await openai.completions.create({ ...asked, n: 2 })
    expect(several.choices.map((one) => one.text)).toEqual([
      choice!.text,
      expect.not.stringMatching(`^${choice!.text}$`),
    ])

    // steering is an extension that clients pass through
    const steer = (interventions: unknown) =>
      ({ ...asked, steer: { sae: 'small', interventions } }) as typeof asked
    const steered = await openai.completions.create(steer('5=1.5, ablate:7@5'))
    expect(steered.choices[0]!.text).not.toBe(choice!.text)
    expect(steered.usage).toMatchObject({ prompt_tokens: 6, completion_tokens: 8 })
    const listed = await openai.completions.create(
      steer([
        { feature: 5, strength: 1.5 },
        { feature: 7, mode: 'ablate', where: { feature: 5 } },
      ]),
    )
    expect(listed.choices[0]!.text).toBe(steered.choices[0]!.text)
    expect((await openai.completions.create(steer('5=0'))).choices[0]!.text).toBe(choice!.text)

    const refused = (body: object) =>
      openai.completions.create({ ...asked, ...body }).catch((error: unknown) => error)
    expect(await refused({ model: 'none' })).toMatchObject({ status: 404, code: 'models/unknown' })
    expect(await refused({ frequency_penalty: 0.5 })).toMatchObject({
      status: 400,
      message: expect.stringContaining('frequency_penalty') as string,
    })
    expect(await refused({ steer: { sae: 'small', interventions: '99=1' } })).toMatchObject({
      status: 400,
      code: 'steering/no-feature',
    })
    expect(await refused({ steer: { sae: 'small', interventions: 'x' } })).toMatchObject({
      code: 'steering/text',
    })
    expect(await refused({ steer: { sae: 'small' } })).toMatchObject({
      message: expect.stringMatching(/steer\.interventions: .*expected array/) as string,
    })
    expect(await refused({ steer: { sae: 'small', interventions: [{ feature: -1 }] } })).toMatchObject({
      message: expect.stringContaining('steer.interventions.0.feature: Too small') as string,
    })
    expect(await refused({ prompt: ['One', 'Two'] })).toMatchObject({
      message: expect.stringContaining('prompt: one prompt at a time, as text') as string,
    })
    // of 64 bits, as any client's random one may be
    const farSeed = { ...asked, seed: 2 ** 63 }
    expect((await openai.completions.create(farSeed)).choices[0]!.text).not.toBe('')
    expect(await refused({ seed: 0.5 })).toMatchObject({ code: 'api/request' })
    const messages = [{ role: 'user' as const, content: 'Hello' }]
    const chat = { model, messages, max_tokens: 6, seed: 4, logprobs: true }
    const told = await openai.chat.completions.create(chat)
    const said = told.choices[0]!
    expect(told).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 6 } })
    expect(said).toMatchObject({ message: { role: 'assistant' }, finish_reason: 'length' })
    expect(said.logprobs!.content!.map(({ token: one }) => one).join('')).toBe(said.message.content)
    const byRole = async (role: 'system' | 'developer') => {
      const led = { ...chat, messages: [{ role, content: 'Be brief.' }, ...messages] }
      return (await openai.chat.completions.create(led)).choices[0]!.message.content
    }
    expect(await byRole('developer')).toBe(await byRole('system'))
    expect(await byRole('developer')).not.toBe(said.message.content)
    let streamed = ''
    for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) {
      streamed += chunk.choices[0]?.delta.content ?? ''
    }
    expect(streamed).toBe(said.message.content)
    const pushed = { ...chat, steer: { sae: 'small', interventions: '5=2', any_name: true } }
    expect((await openai.chat.completions.create(pushed)).choices[0]!.message.content).not.toBe(streamed)

    await expect(clientWith('wrong').models.list()).rejects.toMatchObject({ status: 401, code: 'api/token' })
    await expect(
      clientWith(token, { origin: 'https://elsewhere.example' }).models.list(),
    ).rejects.toMatchObject({
      status: 403,
    })
    const status = async (path: string, init: RequestInit) =>
      (await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` }, ...init })).status
    // of a stream that fails before it has begun, too
    await expect(
      openai.chat.completions.create({ model: 'none', messages, stream: true }),
    ).rejects.toMatchObject({ status: 404, code: 'models/unknown' })
    expect(await status('/v1/embeddings', { method: 'POST', body: '{}' })).toBe(404)
    expect(await status('/v1/completions', { method: 'GET' })).toBe(405)
    expect(await status('/v1/completions', { method: 'POST', body: 'x' })).toBe(400)
    expect(await status('/v1/completions', { method: 'POST', body: 'x'.repeat(9_000_000) })).toBe(413)
  })
})
