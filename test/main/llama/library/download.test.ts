// Models from a Hub that cuts, throttles, lies, redirects, refuses and names files that lead elsewhere.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { downloadModel } from '../../../../src/main/llama/library/download.ts'
import { scanModels } from '../../../../src/main/llama/library/library.ts'
import { canMount, smallDisk } from '../../../helpers/disk.ts'
import { sendCut, sendFile, serve } from '../../../helpers/file-server.ts'
import { COMMIT, type HubOptions, REPOSITORY, serveHub } from '../../../helpers/hub.ts'
import { shardedFiles, testWork, type TestWork, tinyFiles } from '../../../helpers/models.ts'

const params = { repository: REPOSITORY, revision: 'main' }

/** A repository as they are: the model, the same again in other formats, and what nobody needs. */
async function repository(): Promise<Record<string, Buffer>> {
  return {
    ...(await tinyFiles()),
    'tokenizer.json': Buffer.from('{"model": {}}'),
    'LICENSE.txt': Buffer.from('Terms'),
    'original/consolidated.00.pth': randomBytes(500),
    'consolidated.safetensors': randomBytes(500),
    'pytorch_model.bin': randomBytes(500),
    'onnx/model.onnx': randomBytes(500),
    '.gitattributes': Buffer.from('*'),
  }
}

async function fetchFrom(
  options: HubOptions,
  { token = null as string | null, work = undefined as TestWork | undefined } = {},
) {
  const hub = await serveHub(options)
  const at = work ?? (await testWork())
  return { ...hub, work: at, fetching: downloadModel(params, { endpoint: hub.url, token }, at) }
}

const named = (asked: readonly { url?: string | undefined }[]) =>
  asked.map(({ url }) => url?.split('/').at(-1))

describe('a model from the Hub', () => {
  it('is fetched without what is twice there, checked, and described', async () => {
    const files = await repository()
    const { fetching, asked, work, url } = await fetchFrom(
      { files, inGit: ['config.json', 'tokenizer.json'], licence: 'apache-2.0' },
      { token: 'hf_secret' },
    )
    expect(await fetching).toMatchObject({ id: 'tiny', name: 'tiny', parameters: 205_376, already: false })
    expect(named(asked)).toEqual([
      'main?blobs=true',
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'LICENSE.txt',
      'model.safetensors',
    ])
    expect(asked.every(({ headers }) => headers.authorization === 'Bearer hf_secret')).toBe(true)
    const [model] = (await scanModels(work.models)).models
    expect(model).toMatchObject({
      ...{ state: 'ready', licence: 'apache-2.0', linkedTo: null },
      origin: { kind: 'hub', endpoint: url, repository: REPOSITORY, revision: 'main', commit: COMMIT },
    })
    expect(await readFile(join(work.models, 'tiny', 'model.safetensors'))).toEqual(files['model.safetensors'])
    expect(work.shown.at(-1)).toMatch(/^Downloading (\d+)\/\1$/)
    // neither what is noted nor what is said has the token
    const noted = await readFile(join(work.folder, 'download.json'), 'utf8')
    expect(JSON.stringify([noted, work.lines, model])).not.toContain('hf_secret')
  })

  it('comes in shards as its index names them', async () => {
    const { fetching, asked, work } = await fetchFrom({ files: await shardedFiles() })
    const { id } = await fetching
    expect(named(asked).slice(1)).toEqual([
      'config.json',
      'model.safetensors.index.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ])
    expect(await readdir(join(work.models, id))).toHaveLength(5)
  })

  it('goes on after a cut, and after a restart with the same commit and without what is complete', async () => {
    const files = await repository()
    const weights = files['model.safetensors']!
    let cuts = 0
    const work = await testWork()
    const spoil: HubOptions['spoil'] = (request, response) => {
      if (!request.url?.endsWith('model.safetensors') || cuts++ > 0) return false
      sendCut(weights.subarray(0, 100_000), weights.length, response, { folder: work.folder })
      return true
    }
    const { fetching, asked } = await fetchFrom({ files, spoil }, { work })
    await fetching
    expect(asked.at(-1)?.headers.range).toBe('bytes=100000-')

    const first = await testWork()
    first.stopAt = 0.001
    const hub = await serveHub({ files })
    const access = { endpoint: hub.url, token: null }
    await expect(downloadModel(params, access, first)).rejects.toThrow('stopped')
    expect(await readdir(first.models)).toEqual([])
    const before = named(hub.asked)
    const second = await testWork(first)
    await downloadModel(params, access, second)
    expect(second.lines[0]).toBe(`Continuing with commit ${COMMIT}.`)
    expect(named(hub.asked).slice(before.length)).not.toContain('main?blobs=true')
    expect(named(hub.asked).filter((name) => name === 'config.json')).toHaveLength(1)
  })

  it('looks at the repository anew where the note of the last attempt is damaged', async () => {
    const work = await testWork()
    await writeFile(join(work.folder, 'download.json'), '{"endpoint": "ht')
    const { fetching, asked } = await fetchFrom({ files: await repository() }, { work })
    expect(await fetching).toMatchObject({ id: 'tiny' })
    expect(named(asked)[0]).toBe('main?blobs=true')
  })

  it('waits as long as a busy Hub asks, for the listing and for files', async () => {
    const paused = new Set<string>()
    const { fetching, work } = await fetchFrom({
      files: await repository(),
      spoil: ({ url = '' }, response) => {
        if (!/blobs|model\.safetensors/.test(url) || paused.has(url)) return false
        paused.add(url)
        response.writeHead(429, { 'retry-after': '1' }).end()
        return true
      },
    })
    const began = performance.now()
    await fetching
    expect(performance.now() - began).toBeGreaterThan(1_900)
    expect(work.lines.filter((line) => line.endsWith('Trying again in 1 s.'))).toHaveLength(2)
  })

  it('says that the Hub wants fewer requests when it asks for too long a pause', async () => {
    for (const busy of [/blobs/, /model\.safetensors$/]) {
      const { fetching, work } = await fetchFrom({
        files: await repository(),
        spoil: ({ url = '' }, response) => {
          if (!busy.test(url)) return false
          response.writeHead(429, { 'retry-after': '3600' }).end()
          return true
        },
      })
      await expect(fetching).rejects.toMatchObject({
        ...{ code: 'network/busy', message: expect.stringContaining('429') as string },
        hint: expect.stringContaining('with a token') as string,
      })
      expect(await readdir(work.models)).toEqual([])
    }
  })

  it('follows the Hub to where files lie, and takes no token there', async () => {
    const files = await repository()
    const weights = files['model.safetensors']!
    const far = await serve((request, response) => sendFile(weights, request, response))
    const { fetching } = await fetchFrom(
      {
        files,
        spoil: ({ url }, response) => {
          if (!url?.endsWith('model.safetensors')) return false
          response.writeHead(302, { location: `${far.url}/signed` }).end()
          return true
        },
      },
      { token: 'hf_secret' },
    )
    await fetching
    expect(far.asked).toHaveLength(1)
    expect(far.asked[0]?.headers.authorization).toBeUndefined()
  })

  it.each([
    [
      'a licence that was not accepted',
      401,
      { 'x-error-code': 'GatedRepo' },
      null,
      'hub/licence',
      'Settings page',
    ],
    [
      'a licence that was not granted',
      403,
      { 'x-error-code': 'GatedRepo' },
      'hf_x',
      'hub/licence',
      'Accept its licence',
    ],
    ['no reason', 401, {}, null, 'hub/licence', '/settings/tokens'],
    [
      'a wrong token',
      401,
      { 'x-error-message': 'Invalid credentials in Authorization header' },
      'hf_x',
      'hub/token',
      'Make a new one',
    ],
    ['no such model', 401, { 'x-error-code': 'RepoNotFound' }, null, 'hub/missing', 'spelling'],
    ['no such revision', 404, { 'x-error-code': 'RevisionNotFound' }, null, 'hub/revision', 'revisions'],
  ])('says what to do about %s', async (_what, status, headers, token, code, hint) => {
    for (const refused of [/blobs/, /model\.safetensors$/]) {
      const { fetching, work } = await fetchFrom(
        {
          files: await repository(),
          spoil: ({ url = '' }, response) => {
            if (!refused.test(url)) return false
            response.writeHead(status, headers as Record<string, string>).end()
            return true
          },
        },
        { token },
      )
      await expect(fetching).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) as string })
      expect(await readdir(work.models)).toEqual([])
    }
  })

  it('is refused when it lies about lengths or contents, and nothing is registered', async () => {
    const files = await repository()
    const other = randomBytes(64).toString('hex').slice(0, 64)
    const weights = { size: 414_712, pointerSize: 134 }
    for (const [options, code] of [
      [{ lies: { 'model.safetensors': { lfs: { ...weights, sha256: other } } } }, 'download/checksum'],
      [{ lies: { 'model.safetensors': { lfs: { ...weights, size: 99, sha256: other } } } }, 'download/size'],
      [
        { inGit: ['config.json'], lies: { 'config.json': { blobId: other.slice(0, 40) } } },
        'download/checksum',
      ],
      [{ lies: { 'config.json': { size: null, lfs: null } } }, 'hub/answer'],
    ] as const) {
      const { fetching, work } = await fetchFrom({ files, ...options })
      await expect(fetching).rejects.toMatchObject({ code })
      expect(await readdir(work.models)).toEqual([])
    }
  })

  it.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:\\x', 'a\\..\\b', 'a\u0000b', ''])(
    'is refused when it names a file %j',
    async (name) => {
      const { fetching, work, asked } = await fetchFrom({
        files: { ...(await repository()), [name]: Buffer.from('x') },
      })
      await expect(fetching).rejects.toMatchObject({ code: 'hub/name' })
      expect(asked).toHaveLength(1)
      expect(await readdir(join(work.folder, 'model'))).toEqual([])
    },
  )

  it('is refused when its index leads elsewhere, or there are no weights that can be read', async () => {
    const sharded = await shardedFiles()
    const index = (weight_map: object) => Buffer.from(JSON.stringify({ weight_map }))
    for (const [files, code] of [
      [{ ...sharded, 'model.safetensors.index.json': index({ a: '../../x' }) }, 'hub/no-model'],
      [{ ...sharded, 'model.safetensors.index.json': index({ a: 'absent.safetensors' }) }, 'hub/no-model'],
      [{ ...sharded, 'model.safetensors.index.json': Buffer.from('no JSON') }, 'hub/index'],
      [{ 'config.json': sharded['config.json']!, 'm.gguf': randomBytes(9) }, 'hub/no-model'],
      [{ 'config.json': sharded['config.json']!, 'pytorch_model.bin': randomBytes(9) }, 'hub/no-model'],
      [{ 'README.md': randomBytes(9) }, 'hub/no-model'],
    ] as const) {
      const { fetching, work } = await fetchFrom({ files })
      await expect(fetching).rejects.toMatchObject({ kind: 'expected', code })
      expect(await readdir(work.models)).toEqual([])
    }
  })

  it('of another architecture is refused once its configuration is here', async () => {
    const config = Buffer.from('{"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}')
    const { fetching, work, asked } = await fetchFrom({
      files: { ...(await repository()), 'config.json': config },
    })
    await expect(fetching).rejects.toMatchObject({ code: 'config/architecture' })
    expect(named(asked)).toEqual(['main?blobs=true', 'config.json'])
    expect(await readdir(work.models)).toEqual([])
  })

  it('is refused where something else than the Hub answers', async () => {
    const { url } = await serve((_request, response) => void response.end('<html>Sign in</html>'))
    const fetching = downloadModel(params, { endpoint: url, token: null }, await testWork())
    await expect(fetching).rejects.toMatchObject({ code: 'network/answer' })
    const other = await serve((_request, response) => void response.end('{"hello": 1}'))
    await expect(
      downloadModel(params, { endpoint: other.url, token: null }, await testWork()),
    ).rejects.toMatchObject({ code: 'hub/answer' })
  })

  it.skipIf(!canMount)('is not begun where the disk is too small for all of it (needs mount)', async () => {
    const disk = await smallDisk('1m')
    const work = await testWork({ folder: join(disk, 'job'), models: join(disk, 'models') })
    const { fetching, asked } = await fetchFrom({ files: await repository() }, { work })
    await expect(fetching).rejects.toMatchObject({ code: 'disk/full' })
    expect(asked).toHaveLength(1)
  })
})
