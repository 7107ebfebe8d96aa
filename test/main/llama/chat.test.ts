// Chat templates beside Jinja's own rendering of them, and where a checkpoint keeps its template.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ChatTemplate, noTemplate } from '../../../src/main/llama/chat.ts'
import type { Message } from '../../../src/shared/generation.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

interface Golden {
  readonly name: string
  readonly template: string
  /** What jinja2 made of it with transformers' settings; null where the template raised an exception. */
  readonly cases: { readonly messages: Message[]; readonly prompt: string | null }[]
}

const goldens = JSON.parse(await readFile('test/golden/chat-templates.json', 'utf8')) as Golden[]
const tokens = { bosToken: '<s>', eosToken: '</s>' }
const now = new Date(2026, 2, 7, 4, 5, 9)
const hello: Message[] = [{ role: 'user', content: 'Hello' }]

describe.each(goldens)('the chat template of $name', ({ template, cases }) => {
  it.each(cases)('makes the prompt that jinja2 makes, $#', ({ messages, prompt }) => {
    const render = () => new ChatTemplate(template).render(messages, tokens, now)
    if (prompt === null) expect(render).toThrow(expect.objectContaining({ code: 'chat/refused' }) as Error)
    else expect(render()).toBe(prompt)
  })
})

describe('a chat template', () => {
  it.each([
    ['chat_template.jinja', 'own {{ bos_token }}'],
    ['chat_template.json', JSON.stringify({ chat_template: 'own {{ bos_token }}' })],
    ['tokenizer_config.json', JSON.stringify({ chat_template: 'own {{ bos_token }}' })],
    [
      'tokenizer_config.json',
      JSON.stringify({
        chat_template: [
          { name: 'tool_use', template: 'other' },
          { name: 'default', template: 'own {{ bos_token }}' },
        ],
      }),
    ],
  ])('is found in %s', async (name, text) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, name), text)
    expect((await ChatTemplate.open(folder))?.render(hello, tokens)).toBe('own <s>')
  })

  it('of a file of its own goes before the one in the configuration', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'chat_template.jinja'), 'own')
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify({ chat_template: 'other' }))
    expect((await ChatTemplate.open(folder))?.render(hello, tokens)).toBe('own')
  })

  it('is missing in base models, which the error names', async () => {
    expect(await ChatTemplate.open('resources/demo/model')).toBeNull()
    expect(noTemplate('demo')).toMatchObject({ code: 'chat/no-template', kind: 'expected' })
    expect(noTemplate('demo').message).toContain('demo')
  })

  it.each(['{% if %}', '{{ nothing() }}', '{% for x in 3 %}{% endfor %}'])(
    'that is broken says so: %s',
    (source) => {
      const render = () => new ChatTemplate(source).render(hello, tokens)
      expect(render).toThrow(expect.objectContaining({ code: 'chat/template' }) as Error)
    },
  )

  it('passes on what the template says when it refuses', () => {
    const template = new ChatTemplate("{{ raise_exception('Only one turn.') }}")
    expect(() => template.render(hello, tokens)).toThrow('Only one turn.')
  })
})
