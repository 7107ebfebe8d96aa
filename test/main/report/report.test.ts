// Reports of a small index: every format, text that would like to be markup, and what is asked for and not there.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { buildIndex } from '../../../src/main/features/build-index.ts'
import { indexesOf } from '../../../src/main/features/index-folder.ts'
import { annotate } from '../../../src/main/features/notes.ts'
import type { Desktop } from '../../../src/main/host/desktop.ts'
import { Reports } from '../../../src/main/host/reports.ts'
import { ReportContents } from '../../../src/main/report/contents.ts'
import { csv } from '../../../src/main/report/escape.ts'
import { listReports, readPiece } from '../../../src/main/report/report-folder.ts'
import { htmlWriter } from '../../../src/main/report/html.ts'
import { markdownWriter } from '../../../src/main/report/markdown.ts'
import { neuronpediaFiles } from '../../../src/main/report/neuronpedia.ts'
import type { Piece } from '../../../src/main/report/piece.ts'
import { rowsOf } from '../../../src/main/report/rows.ts'
import { copyReport, assertFree, writeReport } from '../../../src/main/report/write-report.ts'
import { readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { putSession } from '../../../src/main/store/session-rows.ts'
import { openWorkspace, type Workspace } from '../../../src/main/store/workspace.ts'
import { reportFormats, type ReportSection, reportParts } from '../../../src/shared/report.ts'
import { reportSchemaText } from '../../../src/shared/report-json.ts'
import { type SteeringSession, steeringSetupSchema } from '../../../src/shared/steering-sessions.ts'
import { idleIndex, indexOrder, smallPlace } from '../../helpers/small-index.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

let workspace: Workspace
const features: ReportSection = { kind: 'features', sae: 'chance', features: [3, 63, 5] }
const head = { title: '<i>A & B</i>', at: 0, notes: '# Seen\n<b>x</b>', parts: reportParts }

beforeAll(async () => {
  workspace = await openWorkspace(await mkdtemp(join(tmpdir(), 'monoscope-test-')))
  const place = await smallPlace(workspace.path)
  await buildIndex(await indexOrder(place, join(indexesOf(place.sae), 'small')), idleIndex)
  annotate(place.sae, { sae: 'chance', feature: 3, label: '=cmd|x', lists: ['pain & more'] }, 'a', 1)
  const db = openForWriting(workspace.database, workspaceMigrations)
  const setup = steeringSetupSchema.parse({ sae: 'chance', interventions: [], prompt: 'Once' })
  putSession(db, { id: 's1', name: 'A session', createdAt: 1, changedAt: 1, setup })
  db.close()
}, 120_000)
afterAll(() => rm(workspace.path, { recursive: true, force: true }))

function write(id: string, sections: readonly ReportSection[], checkpoint = () => Promise.resolve()) {
  const order = { id, workspace, sections, head, formats: reportFormats, program: 'test' }
  return writeReport(order, { onProgress: () => undefined, checkpoint })
}

/** What a host answers to `reports.pdf`. */
async function printed(id: string, desktop?: Desktop): Promise<unknown> {
  const handlers = new Reports(workspace, desktop).handlers()
  return await handlers['reports.pdf']({ id }, { signal: new AbortController().signal })
}

const files = reportFormats.filter((format) => format !== 'neuronpedia')

describe('a report', () => {
  it('is written in every format, listed, read in pieces and copied', async () => {
    const list: ReportSection = { kind: 'list', sae: 'chance', name: 'pain & more' }
    const training: ReportSection = { kind: 'training', sae: 'chance' }
    const manifest = await write('one', [features, list, training, { kind: 'session', session: 's1' }])
    expect(manifest).toMatchObject({ features: 4, sections: 4 })
    const [report] = await listReports(workspace.reports)
    expect(report).toMatchObject({ id: 'one', manifest })
    const { bytes, total } = await readPiece(report!, 'report.html', 10)
    expect(bytes.length).toBe(total - 10)
    await expect(readPiece(report!, '../one/manifest.json', 0)).rejects.toMatchObject({
      code: 'report/no-file',
    })

    await expect(printed('one')).rejects.toMatchObject({ code: 'report/no-pdf' })
    const orders: string[][] = []
    const desktop = { printPdf: (...order: string[]) => Promise.resolve(void orders.push(order)) }
    const place = (name: string) => join(workspace.reports, 'one', name)
    expect(await printed('one', desktop as unknown as Desktop)).toEqual({ path: place('report.pdf') })
    expect(orders).toEqual([[place('report.html'), place('report.pdf')]])

    const of = (name: string) => readFile(place(name), 'utf8')
    const html = await of('report.html')
    expect(html).toContain("content=\"default-src 'none'; style-src 'unsafe-inline'\"")
    expect(html).toContain('&#60;i&#62;A &#38; B')
    // of the notes: Markdown is, HTML is not
    expect(html).toContain('<h1>Seen</h1>')
    expect(html).toContain('&lt;b&gt;x')
    expect(html).not.toMatch(/<script|<i>|javascript:|https?:\/\/(?!www\.w3\.org)/)
    expect(html).toMatch(/<b class="h12" title="[\d.]+">/)
    expect(html.match(/<svg /g)?.length).toBeGreaterThan(1)
    // every title has its line in the contents, and what only a program reads is folded
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    const links = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links).toEqual(ids)
    expect(links).toHaveLength(8)
    expect(html).toContain('#part-2-feature-3">3 · =cmd|x</a>')
    expect(html).toContain('>Training of chance</a>')
    expect(html).toMatch(/<details><summary>[^<]+<\/summary><pre>\{/)
    const published = JSON.parse(reportSchemaText()) as z.core.JSONSchema.JSONSchema
    expect(z.fromJSONSchema(published).safeParse(JSON.parse(await of('report.json'))).error).toBeUndefined()
    const json = JSON.parse(await of('report.json')) as {
      contents: { kind: string; feature?: { page: { histogram: number[] } } }[]
      sources: { sources: { indexes: { harvestFacts: { ledger: object } }[] }[] }
    }
    expect(json.contents.filter(({ kind }) => kind === 'feature')).toHaveLength(4)
    expect(json.contents[1]?.feature?.page.histogram).toHaveLength(50)
    expect(json.sources.sources[0]?.indexes[0]?.harvestFacts.ledger).toHaveProperty('tokens')
    expect(await of('report.csv')).toContain("\r\nfeature,chance,3,'=cmd|x,")
    const file = await asyncBufferFromFile(join(workspace.reports, 'one', 'report.parquet'))
    const rows = await parquetReadObjects({ file })
    expect(rows).toHaveLength(5)
    expect(rows[0]).toMatchObject({ kind: 'feature', feature: 3, label: '=cmd|x', prompt: null })
    expect(await of('report.md')).toContain('### 3: \\=cmd\\|x')

    const out = join(await temporaryFolder(), 'copy')
    await assertFree(out)
    await copyReport(report!.path, manifest, out)
    expect((await readdir(out)).sort()).toEqual(
      ['manifest.json', 'neuronpedia', ...files.map((format) => `report.${format}`)].sort(),
    )
    await expect(assertFree(out)).rejects.toMatchObject({ code: 'report/exists' })
    await expect(assertFree(join(out, 'no', 'where'))).rejects.toMatchObject({ code: 'report/no-place' })
  })

  it.each([
    ['report/empty', []],
    ['features/unknown', [{ ...features, features: [64] }]],
    ['sae/unknown', [{ ...features, sae: 'gone' }]],
    ['features/none', [{ ...features, harvest: 'gone' }]],
    ['report/no-list', [{ kind: 'list', sae: 'chance', name: 'none' }]],
    ['lab/no-run', [{ kind: 'lab', run: 'gone' }]],
    ['steering/no-session', [features, { kind: 'session', session: 'gone' }]],
  ] as const)('of what is not there says %s, and leaves nothing', async (code, sections) => {
    const before = await readdir(workspace.reports)
    await expect(write('bad', sections as unknown as ReportSection[])).rejects.toMatchObject({ code })
    expect(await readdir(workspace.reports)).toEqual(before)
  })

  it('that is stopped leaves nothing, and can be made again', async () => {
    let pieces = 0
    const stop = () => (++pieces > 1 ? Promise.reject(new Error('stopped')) : Promise.resolve())
    await expect(write('two', [features], stop)).rejects.toThrow('stopped')
    expect((await readdir(workspace.reports)).filter((name) => name.includes('two'))).toEqual([])
    expect(await write('two', [features])).toMatchObject({ features: 3 })
  })
})

describe('a session in a report', () => {
  const run = (id: number, prompt: string, interventions: object[]): SteeringSession['history'][number] => ({
    ...{ id, at: id, setup: steeringSetupSchema.parse({ sae: 'chance', interventions, prompt }) },
    facts: { model: 'demo', hook: 'blocks.1', harvest: 'small', norm: 1 } as never,
    rows: [0, 1].map(() => ({ interventions: [], text: ` text ${id}.`, end: null })),
  })
  const [weak, strong] = [0.5, 1].map((strength) => [{ feature: 3, mode: 'add', strength }])
  const history = [
    run(7, 'Once', []),
    run(6, 'Once', strong!),
    run(5, 'Once', weak!),
    run(4, 'Twice', []),
    run(3, 'Twice', []),
    run(2, 'Once', strong!),
    run(1, 'Twice', weak!),
  ]
  const session = { id: 's', name: 'Tries', createdAt: 1, changedAt: 1, setup: history[0]!.setup }

  it('is told without what it repeats', () => {
    const told = (runs: typeof history) => {
      const piece: Piece = { kind: 'session', session: { ...session, history: runs } }
      return [htmlWriter().piece(piece, head), markdownWriter.piece(piece, head)] as string[]
    }
    for (const text of told(history)) {
      expect([...text.matchAll(/text (\d)/g)].map(([, id]) => id)).toEqual(['6', '6', '5', '5', '1', '1'])
      expect(text).toContain('4 more texts of the same prompts and strengths')
    }
    // what was never steered by is told once
    for (const text of told([run(2, 'Once', []), run(1, 'Once', [])])) {
      expect([...text.matchAll(/text (\d)/g)].map(([, id]) => id)).toEqual(['2', '2'])
      expect(text).toContain('1 more text of')
    }
    for (const text of told(history.slice(1, 3))) expect(text).not.toContain('more text')
  })
})

describe("Neuronpedia's folder", () => {
  interface Line {
    readonly [name: string]: unknown
    readonly index: string
    readonly tokens: readonly string[]
    readonly values: readonly number[]
    readonly vector: readonly number[]
  }
  const lines = (bytes: Buffer) =>
    bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line)

  it('has the names of its export, each feature once, and activations with their bins', async () => {
    const manifest = await write('np', [features, features])
    const made = manifest.files.filter(({ format }) => format === 'neuronpedia').map(({ name }) => name)
    const [folder = ''] = made.map((name) => name.replace(/\/release\.jsonl$/, ''))
    expect(folder).toMatch(/^neuronpedia\/[a-z0-9.-]+\/\d+-chance-[a-z0-9.-]+$/)
    const [single, batches] = [
      ['release', 'model', 'sourceset', 'source'],
      ['features', 'activations', 'explanations'],
    ]
    expect(made).toEqual([
      ...single.map((name) => `${folder}/${name}.jsonl`),
      ...batches.map((name) => `${folder}/${name}/batch-0.jsonl.gz`),
    ])
    const of = (name: string) => readFile(join(workspace.reports, 'np', folder, name))
    const [source] = lines(await of('source.jsonl'))
    const zipped = async (name: string) => lines(gunzipSync(await of(`${name}/batch-0.jsonl.gz`)))
    const told = await zipped('features')
    expect(told.map(({ index }) => index)).toEqual(['3', '63', '5'])
    expect(told[0]).toMatchObject({
      modelId: source?.modelId,
      layer: source?.id,
      sourceSetName: source?.setName,
    })
    const { sae } = await readSaeFolder(join(workspace.saes, 'chance'))
    const [D, W_dec] = [sae.D, sae.tensors.W_dec!]
    const direction = Array.from(W_dec.subarray(63 * D, 64 * D), (value) => Number(value.toPrecision(7)))
    expect(told[1]!.vector).toEqual(direction)
    expect(told[0]!.freq_hist_data_bar_heights).toHaveLength(50)
    const activations = await zipped('activations')
    expect(activations.some(({ binMin }) => binMin === -1)).toBe(true)
    for (const { id, tokens, values, maxValue, maxValueTokenIndex } of activations) {
      expect(id).toMatch(/^c[0-9a-z]{24}$/)
      expect(tokens).toHaveLength(values.length)
      expect(values[maxValueTokenIndex as number]).toBe(maxValue)
    }
    expect(new Set(activations.map(({ id }) => id)).size).toBe(activations.length)
    const labels = await zipped('explanations')
    expect(labels).toMatchObject([{ index: '3', description: '=cmd|x', authorId: 'a', typeName: null }])
  })

  it('of a report without features is refused, and leaves nothing', async () => {
    await expect(write('none', [{ kind: 'training', sae: 'chance' }])).rejects.toMatchObject({
      code: 'report/no-features',
    })
    expect((await readdir(workspace.reports)).filter((name) => name.includes('none'))).toEqual([])
  })
})

describe('text of a corpus', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '</style></pre>',
    ']]>',
    '```\n# no heading',
    '\u202eturned',
    '\u0000',
    '" onmouseover="x',
    '![](http://x.y/z.png)',
    '| a | b |',
    'long'.repeat(2_500),
  ]

  /** What controls or turns the text around it; line ends are of the format. */
  const unseen = /[^\P{C}\n]/u

  it('is no markup in HTML and Markdown', async () => {
    const contents = await ReportContents.open(workspace, [features])
    const pieces: Piece[] = []
    for await (const piece of contents.pieces()) pieces.push(piece)
    const [index] = await contents.indexes()
    await contents.close()
    const piece = pieces.find(({ kind }) => kind === 'feature')
    if (piece?.kind !== 'feature') throw new Error('There is no feature.')
    const [example] = piece.feature.page.top
    const values = Float32Array.from(hostile, (_, at) => at)
    const page = {
      ...piece.feature.page,
      top: [{ ...example!, texts: hostile, values, from: 0, position: 3, stratum: '<b>', language: '"' }],
      tokensByMean: hostile.map((text) => ({ id: 1, text, firings: 1, rows: 1, mean: 1, max: 1 })),
    }
    const said: Piece = { kind: 'feature', feature: { ...piece.feature, label: '<img src=x>', page } }
    const html = htmlWriter().piece(said, head) as string
    expect(html).not.toMatch(/<script|<\/style|<img|<b>|onmouseover="/)
    expect(html).not.toMatch(unseen)
    expect(html).toContain('&#60;script&#62;alert(1)')
    const markdown = markdownWriter.piece(said, head)
    expect(markdown).not.toMatch(/(?<!\\)[<`]|^# no|(?<!\\)!\[/m)
    expect(markdown).not.toMatch(unseen)
    // a file of data has the very text, and a line for each activation
    const { writer } = neuronpediaFiles(index!, head).find(({ name }) => name.includes('/activations/'))!
    const zipped = [await writer.piece(said, head), writer.end({ program: '', contents: '', sources: [] })]
    const told = gunzipSync(Buffer.concat(zipped.map((part) => Buffer.from(part))))
      .toString()
      .trimEnd()
      .split('\n')
    expect(JSON.parse(told[0]!)).toMatchObject({ tokens: hostile, maxValueTokenIndex: hostile.length - 1 })
    for (const line of told) expect(() => JSON.parse(line) as unknown).not.toThrow()
  })

  it('shows of a chat that has gone on differently what each side answers', () => {
    const turns = (answer: string) => [
      { role: 'user', content: 'Of France?' },
      { role: 'assistant', content: answer },
      { role: 'user', content: 'Of Spain?' },
    ]
    const setup = steeringSetupSchema.parse({
      ...{ sae: 'chance', interventions: [] },
      ...{ prompt: turns('Paris.'), steeredPrompt: turns('The sea.') },
    })
    const facts = {
      ...{ model: 'm', hook: 'blocks.3.hook_resid_post', features: 64, norm: 1 },
      ...{ normFrom: 'harvest' as const, reads: 'encoder' as const },
    }
    const rows = ['Madrid.', 'A river.'].map((text) => ({ interventions: [], text, end: null }))
    const history = [{ id: 1, at: 1, setup, facts, rows }]
    const session = { id: 's', name: 'A chat', createdAt: 1, changedAt: 1, setup, history }
    for (const writer of [htmlWriter(), markdownWriter]) {
      const told = (writer.piece({ kind: 'session', session }, head) as string).replaceAll('\\', '')
      const [, baseline, steered] = told.split('user: Of France?')
      expect(baseline).toMatch(/Paris\..*Of Spain\?.assistant:(<\/b>|\*\*) Madrid/s)
      expect(steered).toMatch(/The sea\..*Of Spain\?.assistant:(<\/b>|\*\*) A river/s)
    }
  })

  it('has the spaces of a token that stands by itself', async () => {
    const contents = await ReportContents.open(workspace, [features])
    const pieces: Piece[] = []
    for await (const piece of contents.pieces()) pieces.push(piece)
    await contents.close()
    const piece = pieces.find(({ kind }) => kind === 'feature')
    if (piece?.kind !== 'feature') throw new Error('There is no feature.')
    const tokensByMean = [{ id: 1, text: ' dijo', firings: 1, rows: 1, mean: 1, max: 1 }]
    const said: Piece = {
      kind: 'feature',
      feature: { ...piece.feature, page: { ...piece.feature.page, tokensByMean } },
    }
    expect(htmlWriter().piece(said, head)).toContain('<td>·dijo</td>')
    expect(markdownWriter.piece(said, head)).toContain('Strongest tokens: ·dijo\n')
    expect(rowsOf(said)[0]?.top_tokens).toBe('·dijo')
  })

  it.each([
    ['=1+1', "'=1+1"],
    ['@x', "'@x"],
    [' -2', "' -2"],
    ['a,b', '"a,b"'],
    ['say "so"', '"say ""so"""'],
    [-2.5, '-2.5'],
    [Number.NaN, ''],
    [null, ''],
  ])('is no formula in CSV: %j', (value, field) => expect(csv(value)).toBe(field))
})
