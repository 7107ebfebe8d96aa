// The Corpus page in Chromium: a folder with faults, presets, what cannot be read, and the way to a harvest.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { corpusFolder, jsonLines } from '../helpers/corpus.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { flawsOf, goTo } from './steps.ts'

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const record = (text: unknown, set: string) => ({ text, meta: { pile_set_name: set, lang: 'en' } })

describe.skipIf(withoutChromium)(title('the Corpus page'), () => {
  const here = served({ env: { HF_ENDPOINT: 'http://127.0.0.1:9', HF_TOKEN: '' } })

  it('shows what is in a file with faults, harmlessly, and leads to a harvest of it', async () => {
    const hostile = `<img src=x onerror="document.title='taken'"> \u202Eright to left\u0007 bell`
    const records = [
      record(hostile, '<b>Markup</b>'),
      record('All is well. '.repeat(300), 'Prose'),
      record(7, 'Prose'),
    ]
    const folder = await corpusFolder({ 'a.jsonl': `${jsonLines(records)}{"text": "cut` })
    const { page, problems } = await here.open()
    await goTo(page, 'Corpus')
    const source = section(page, 'Source')
    await source.getByLabel('Corpus', { exact: true }).fill(`${folder}/a.jsonl`)
    await source.getByLabel('Stratum field').fill('meta.pile_set_name')
    await source.getByRole('button', { name: 'Look at it' }).click()
    await section(page, 'Size').getByText('2 documents').waitFor()
    await section(page, 'Size').getByText('A rule of thumb').waitFor()
    await section(page, 'Size').getByText('UTF-8').waitFor()
    await section(page, 'Left out').getByText('1 without the text field').waitFor()
    await section(page, 'Left out').getByText('2 with where and why').click()
    await section(page, 'Strata').getByText('<b>Markup</b>').waitFor()
    await section(page, 'Languages').getByText('No document names its language').waitFor()
    await section(page, 'Documents').getByText('<img src=x').waitFor()
    expect(await section(page, 'Documents').locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Corpus · Monoscope')
    expect(await flawsOf(page, 'a corpus')).toEqual([])

    // what is looked at is in the address: a reload looks again
    await page.reload()
    await section(page, 'Size').getByText('2 documents').waitFor()
    // and what was looked at is offered again, also where nothing was harvested of it
    await goTo(page, 'Jobs')
    await goTo(page, 'Corpus')
    await section(page, 'Source')
      .getByRole('button', { name: `${folder}/a.jsonl` })
      .click()
    await section(page, 'Size').getByText('2 documents').waitFor()
    await section(page, 'Source').getByLabel('Stratum field').fill('meta.pile_set_name')
    await section(page, 'Source').getByRole('button', { name: 'Look at it' }).click()
    await section(page, 'Strata').getByText('Prose').waitFor()
    await page.getByRole('link', { name: 'Harvest this corpus…' }).click()
    const form = section(page, 'New harvest')
    expect(await form.getByLabel('Corpus', { exact: true }).inputValue()).toBe(`${folder}/a.jsonl`)
    expect(await form.getByLabel('Stratum field').inputValue()).toBe('meta.pile_set_name')
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('knows the demo corpus, and says in place what cannot be read', async () => {
    const { page, problems } = await here.open({
      colorScheme: 'dark',
      viewport: { width: 1024, height: 700 },
    })
    await goTo(page, 'Corpus')
    await section(page, 'Source')
      .getByRole('button', { name: /^Demo corpus/ })
      .click()
    await section(page, 'Size').getByText('1,906 documents').waitFor()
    await section(page, 'Languages').getByText('es', { exact: true }).waitFor()
    expect(await flawsOf(page, 'the demo corpus')).toEqual([])
    await page.getByRole('link', { name: 'Harvest this corpus…' }).click()
    const form = section(page, 'New harvest')
    expect(await form.getByLabel('Stratum field').inputValue()).toBe('meta.pile_set_name')
    expect(await form.getByLabel('Language field').inputValue()).toBe('meta.lang')
    await goTo(page, 'Corpus')
    await section(page, 'Source').getByLabel('Corpus', { exact: true }).fill('/nowhere/at/all')
    await section(page, 'Source').getByRole('button', { name: 'Look at it' }).click()
    await section(page, 'Problem').getByText('/nowhere/at/all').waitFor()
    expect(await flawsOf(page, 'a corpus that cannot be read')).toEqual([])
    expect(problems).toEqual([])
    await page.context().close()
  })
})
