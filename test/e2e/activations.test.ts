// The Activations page in Chromium: a harvest is begun, watched, paused, searched, looked into row by row, verified and deleted.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { harvest } from '../../src/main/activations/harvest.ts'
import { jsonLines } from '../helpers/corpus.ts'
import { demoLlama } from '../helpers/llama.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { idle, smallHarvest } from '../main/activations/harvester.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { command } from './small-workspace.ts'
import { expectNoMovement, flawsIn, flawsOf, goTo } from './steps.ts'

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const state = (page: Page, name: string) => page.locator('.page-head .state', { hasText: name })
const contextOf = (page: Page) => /context=\d+/.exec(page.url())?.[0]

const sentences = [
  'The patient has chest pain.',
  'And it came to pass.',
  'The house of the señor.',
  '心は家。',
]
const hostile = '<img src=x onerror=a()>\u202e&amp;'

/** Enough that it can be watched, in small contexts one at a time. */
async function smallCorpus(): Promise<string> {
  const records = Array.from({ length: 700 }, (_, document) => ({
    text: `${document === 3 ? hostile : ''} ${sentences.map((_each, place) => sentences[(document + place) % 4]).join(' ')} ${'It was said again. '.repeat(5)}${document}.`,
    meta: { kind: document % 3 === 0 ? 'law <b>' : 'prose' },
  }))
  const path = join(await temporaryFolder(), 'small.jsonl')
  await writeFile(path, jsonLines(records))
  return path
}

describe.skipIf(withoutChromium)(title('the Activations page'), () => {
  const here = served()

  it('begins a harvest, shows it come, finds rows by text, verifies and deletes it', async () => {
    const { page, problems } = await here.open()
    await goTo(page, 'Activations')
    await page.getByText('No harvests yet').waitFor()
    await page.getByRole('button', { name: 'New harvest…' }).click()
    const form = section(page, 'New harvest')
    await form.getByText('There is no model in the workspace yet').waitFor()
    await form.getByRole('button', { name: 'Start' }).click()
    await form.getByText('Please fill this in.').first().waitFor()
    await form.getByLabel('Model', { exact: true }).fill(demoLlama.folder)
    await form.getByLabel('Corpus', { exact: true }).fill(await smallCorpus())
    await form.getByLabel('Layer').fill('9')
    await form.getByText('The model has no hook "blocks.9.hook_resid_post".').first().waitFor()
    await form.getByLabel('Layer').fill('1')
    await form.getByLabel('Stratum field').fill('meta.kind')
    await form.getByLabel('Tokens').fill('40000')
    await form.getByLabel('Context length').fill('32')
    await form.getByLabel('Batch').fill('1')
    const cost = form.getByRole('complementary', { name: 'What it needs' })
    await cost.getByText('17.8 MB').waitFor()
    await cost.getByText(/^Not measured yet: supposed/).waitFor()
    expect(await flawsIn(page, 'the form', 'light')).toEqual([])
    await form.getByRole('button', { name: 'Start' }).click()

    await section(page, 'So far').getByText('documents used').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('Paused; what has come so far is kept.').waitFor()
    await state(page, 'stopped').waitFor()
    await section(page, 'Strata').getByText('law <b>').waitFor()
    await section(page, 'Norms').getByRole('img').waitFor()
    expect(await flawsIn(page, 'a paused harvest', 'dark')).toEqual([])
    await goTo(page, 'Activations')
    await page.getByRole('link', { name: /^small.jsonl.*stopped/ }).click()
    await page.getByRole('button', { name: 'Resume' }).click()
    await state(page, 'ready').waitFor()

    const rows = section(page, 'Rows')
    const search = rows.getByRole('textbox', { name: 'Search the text of the contexts' })
    await search.fill('onerror')
    await rows.getByText('1 context matches.').waitFor()
    await rows.getByRole('button', { name: /<img src=x onerror=a\(\)>/ }).click()
    await expect.poll(() => rows.getByRole('listbox').innerText()).toContain('<img src=x onerror=a()>')
    expect(await rows.locator('img').count()).toBe(0)

    await search.fill('"chest pain"')
    await rows.getByText(/contexts match; the best 50 of them\.$/).waitFor()
    await rows
      .getByRole('button', { name: /chest pain/ })
      .first()
      .click()
    const tokens = rows.getByRole('listbox')
    const marked = tokens.locator('[data-marked]')
    await expect.poll(async () => (await marked.allInnerTexts()).join('')).toMatch(/chest pain$/)
    await marked.last().click()
    const row = rows.getByRole('region', { name: 'The row' })
    await row.getByText(/× the median/).waitFor()
    await row.getByText(/among all [\d,]+ rows$/).waitFor()
    expect(await row.getByRole('listitem').count()).toBe(12)
    await row.getByRole('listitem').first().getByText('pain').waitFor()
    expect(await flawsIn(page, 'a row', 'light')).toEqual([])
    expect(await flawsIn(page, 'a row', 'dark')).toEqual([])

    // by keyboard to the token before it, and with its neighbour into another context
    const place = await tokens.getByRole('option', { selected: true }).getAttribute('data-place')
    await tokens.focus()
    await page.keyboard.press('ArrowLeft')
    await row.getByText(`position ${Number(place) - 1}`).waitFor()
    await row.getByText(/among all [\d,]+ rows$/).waitFor()
    const before = contextOf(page)
    await row.getByRole('listitem').last().getByRole('button').click()
    await expect.poll(() => contextOf(page)).not.toBe(before)
    await tokens.getByRole('option', { selected: true }).waitFor()
    await page.goBack()
    await expect.poll(() => contextOf(page)).toBe(before)

    await search.fill('-only')
    await rows.getByText('The search says only what is not wanted.').waitFor()
    await section(page, 'Ledger')
      .getByRole('row', { name: /^Tokens, a row each 40,000/ })
      .waitFor()
    await section(page, 'Shards').getByText('shard-00001.arrow').waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    await section(page, 'Verification').getByText('all 40,000 rows and every shard').waitFor()

    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByText(/which frees \d+(\.\d+)? MB/).waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'the question')).toEqual([])
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(/^Deleted; that freed \d+(\.\d+)? MB\.$/).waitFor()
    await page.getByText('No harvests yet').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('says that above ten thousand matches a sample was ranked', async () => {
    const path = join(await temporaryFolder(), 'pain.jsonl')
    // documents differ in a number; there are 12,000 contexts of a token that begins them and three more
    const text = (document: number) => `${document}${' pain'.repeat(3_000)}`
    await writeFile(path, jsonLines(Array.from({ length: 12 }, (_, document) => ({ text: text(document) }))))
    const order = await smallHarvest(join(here.app.workspace, 'harvests', 'pain'), path, {
      ...{ layer: 0, contextLength: 4, batch: 512, tokens: 48_000 },
    })
    await harvest({ ...order, shardRows: 48_000 }, idle)
    const { page, problems } = await here.open()
    await goTo(page, 'Activations')
    await page.getByRole('link', { name: /^pain.jsonl/ }).click()
    const rows = section(page, 'Rows')
    await rows.getByRole('textbox', { name: 'Search the text of the contexts' }).fill('pain')
    await rows
      .getByText(
        /^1[12],\d{3} contexts match\. A ranked sample of [\d,]+ was taken; these are the best 50 of it\.$/,
      )
      .waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('cannot be started where it is impossible, and begins anew with what a failed one was asked', async () => {
    const wanted = { model: demoLlama.folder, corpus: '/no/such.jsonl', layer: '1', tokens: '3000' }
    const flags = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, value])
    await expect(command(here.app.workspace, 'harvest', ...flags)).rejects.toThrow()
    const { page, problems } = await here.open()
    await goTo(page, 'Activations')
    await page.getByRole('link', { name: /^such.jsonl/ }).click()
    await page.getByRole('button', { name: 'Change and start…' }).click()
    const form = section(page, 'New harvest')
    const start = form.getByRole('button', { name: 'Start' })
    const reason = form.locator('.refusal')
    await reason.getByText('There is no corpus at /no/such.jsonl.').waitFor()
    expect(await start.isDisabled()).toBe(true)
    expect(await form.getByLabel('Tokens').inputValue()).toBe('3,000')
    expect(await flawsIn(page, 'what is impossible', 'light')).toEqual([])
    const corpus = await smallCorpus()
    await form.getByLabel('Corpus', { exact: true }).fill(corpus)
    await expect.poll(() => start.isDisabled()).toBe(false)
    await form.getByLabel('Layer').fill('9')
    await reason.getByText('The model has no hook "blocks.9.hook_resid_post".').waitFor()
    expect(await start.isDisabled()).toBe(true)
    await form.getByLabel('Layer').fill('1')
    await reason.waitFor({ state: 'hidden' })
    await start.click()
    await state(page, 'ready').waitFor()
    await goTo(page, 'Corpus')
    // what was never there is not offered again
    await page.getByRole('button', { name: corpus }).waitFor()
    expect(await page.getByRole('button', { name: '/no/such.jsonl' }).count()).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('takes a corpus from elsewhere, and says what is left of a harvest without its job', async () => {
    await mkdir(join(here.app.workspace, 'harvests', 'left-over'))
    const { page, problems } = await here.open()
    await goTo(page, 'Activations')
    await page.getByRole('link', { name: /its job is gone/ }).click()
    await page.getByRole('alert').getByText('it can only be deleted').waitFor()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Deleted; that freed 0 B.').waitFor()
    await page.evaluate(() => {
      location.hash = '#/activations?corpus=hf%3Aa%2Fb&textField=body&stratumField=meta.kind'
    })
    const form = section(page, 'New harvest')
    expect(await form.getByLabel('Corpus', { exact: true }).inputValue()).toBe('hf:a/b')
    expect(await form.getByLabel('Stratum field').inputValue()).toBe('meta.kind')
    await form.getByText('More', { exact: true }).click()
    expect(await form.getByLabel('Text field').inputValue()).toBe('body')
    await page.evaluate(() => {
      location.hash = '#/activations/nothing'
    })
    await page.getByText('There is no such harvest').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })
})
