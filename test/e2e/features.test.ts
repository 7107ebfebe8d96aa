// The Features pages in Chromium: an index from the page, the table and its keys, a feature, searches, any text and the map.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { demoLlama } from '../helpers/llama.ts'
import { smallPlace } from '../helpers/small-index.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { flawsIn, goTo } from './steps.ts'

const CLI = fileURLToPath(new URL('../../out/main/cli.js', import.meta.url))

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const grid = (page: Page) => page.getByRole('grid', { name: 'Features' })
const search = (page: Page) => page.getByRole('textbox', { name: 'Search features' })
const chosen = (page: Page) => grid(page).locator('[aria-selected=true]')
const numberOf = (page: Page) => page.locator('.feature-title').getByRole('heading').innerText()

/** Into the workspace of a running app: the demo model, a harvest of it, and an SAE whose directions were drawn by chance. */
async function fill(workspace: string): Promise<void> {
  const args = ['--workspace', workspace, '--json', 'import', demoLlama.folder]
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args])
  const { hash } = JSON.parse(stdout) as { hash: string }
  const { harvest } = await smallPlace(workspace)
  // the helper does not know the model's own
  const path = join(harvest, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as { model: { hash: string } }
  manifest.model.hash = hash
  await writeFile(path, JSON.stringify(manifest))
}

describe.skipIf(withoutChromium)(title('the Features pages'), () => {
  const here = served()

  beforeAll(() => fill(here.app.workspace))

  it('index an SAE, go through its features by keys, and find them by text, token, label and on any text', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    const form = section(page, 'Index its features')
    await form.getByLabel('Harvest', { exact: true }).fill('small')
    const needs = form.getByRole('complementary', { name: 'What it needs' })
    await needs.getByText('All rows of the harvest.').waitFor()
    expect(await flawsIn(page, 'without an index', 'light')).toEqual([])
    await form.getByRole('button', { name: 'Index now' }).click()

    // the table, with the feature of its first row beside it
    await grid(page).waitFor()
    await page.getByText(/^\d+ of 64$/).waitFor()
    await section(page, 'Top contexts').getByRole('listitem').first().waitFor()
    await section(page, 'Activations').locator('canvas').waitFor()
    expect(await flawsIn(page, 'the table', 'dark')).toEqual([])
    expect(await flawsIn(page, 'the table beside a feature', 'light')).toEqual([])
    const rows = grid(page).getByRole('row')
    await grid(page).getByRole('button', { name: 'density' }).click()
    await grid(page)
      .getByRole('columnheader', { name: 'density' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    const first = await rows.nth(1).getByRole('gridcell').first().innerText()
    const second = await rows.nth(2).getByRole('gridcell').first().innerText()

    // keys: down, up, label, star
    await rows.nth(1).click()
    await expect.poll(() => numberOf(page)).toBe(first)
    await page.keyboard.press('j')
    await expect.poll(() => numberOf(page)).toBe(second)
    await page.keyboard.press('k')
    await expect.poll(() => numberOf(page)).toBe(first)
    await page.keyboard.press('l')
    await page.keyboard.type('what I found')
    await page.keyboard.press('Enter')
    await chosen(page).getByText('what I found').waitFor()
    await page.locator('.feature-title').getByText('what I found').waitFor()
    await page.keyboard.press('x')
    await chosen(page).getByRole('button', { name: 'Star feature', pressed: true }).waitFor()

    // by contexts: features with evidence, then the contexts themselves, which open in their document
    await page.keyboard.press('/')
    await page.keyboard.type('chest pain')
    await page.getByText(/contexts? match/).waitFor()
    const found = page.getByRole('list', { name: 'Features that fire there more than elsewhere' })
    await found.getByRole('listitem').first().waitFor()
    expect(await flawsIn(page, 'a search', 'light')).toEqual([])
    await found.getByRole('listitem').first().getByRole('button').first().click()
    const best = await numberOf(page)
    await page.getByText(/^Contexts \d/).click()
    await page.getByRole('list', { name: 'Contexts that match' }).locator('mark').first().waitFor()
    await search(page).fill('the "')
    await page
      .getByText(/contexts? match|no context has/)
      .first()
      .waitFor()
    await search(page).fill('token: heart')
    await page.getByText(/among their ten strongest tokens|No feature has a token/).waitFor()
    await search(page).fill('label: FOUND')
    await page.getByText('1 of 64').waitFor()
    await search(page).fill(best)
    await expect.poll(() => rows.nth(1).getByRole('gridcell').first().innerText()).toBe(best)
    await search(page).press('Escape')

    // one on any text, and where a click on a context leads
    await page.getByRole('textbox', { name: 'A text to try it on' }).fill('The patient has chest pain.')
    await page.locator('.tried').getByText('pain').waitFor()
    await page.getByText('full', { exact: true }).click()
    await page.getByRole('button', { name: 'More to do with it' }).click()
    await page.getByRole('menuitem', { name: 'Copy link' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /#\/features\/chance\/small\/\d+$/,
    )
    await page.getByRole('button', { name: 'More to do with it' }).click()
    await page.getByRole('menuitem', { name: 'Copy as image' }).click()
    await page.getByText('Image copied.').waitFor()
    await section(page, 'Top contexts').locator('[data-peak]').first().click()
    await page.waitForURL(/#\/activations\/small\?context=\d+&at=\d+/)
    await section(page, 'Rows').getByRole('region', { name: 'The row' }).waitFor()
    await page.goBack()

    // all features on any text, several of them laid over it
    await page.getByText('Any text', { exact: true }).click()
    await page.getByRole('textbox', { name: 'A text for all features' }).fill('The patient has chest pain.')
    const text = section(page, 'Any text')
    await text.locator('.pinned-text').getByText('pain').click()
    await text.getByRole('combobox', { name: 'Density of the features' }).click()
    await page.getByRole('option', { name: 'of any density' }).click()
    await text.getByRole('list', { name: 'Features of the token' }).getByRole('listitem').first().waitFor()
    const ranked = text.getByRole('list', { name: 'Features of the text' })
    await ranked
      .getByRole('button', { name: /^Pin feature/ })
      .nth(0)
      .click()
    await ranked
      .getByRole('button', { name: /^Pin feature/ })
      .nth(1)
      .click()
    await text.getByRole('list', { name: 'Laid over the text' }).getByText('B').waitFor()
    expect(await flawsIn(page, 'any text', 'dark')).toEqual([])
    await page.getByText('Map', { exact: true }).click()
    await section(page, 'Map').locator('canvas').waitFor()
    const canvas = (await section(page, 'Map').locator('canvas').boundingBox())!
    await page.mouse.move(canvas.x + 60, canvas.y + 60)
    await page.mouse.down()
    await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + canvas.height - 60, { steps: 4 })
    await page.mouse.up()
    await section(page, 'Map')
      .getByText(/^Below: density/)
      .waitFor()
    await section(page, 'Map').getByRole('button', { name: 'All of them' }).click()
    await page.getByRole('button', { name: 'Filters' }).click()
    await page.getByRole('checkbox', { name: 'Starred' }).check()
    await page.getByText('1 of 64').waitFor()
    expect(await flawsIn(page, 'the map with its filters', 'light')).toEqual([])
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('show each feature on a page of its own, dead ones honestly, and what is missing', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/features\/chance\/small\/\d+$/)
    // until its own script is there the table is still shown
    await page.locator('.feature-page .feature-title').waitFor()
    const before = await numberOf(page)
    await page.keyboard.press('j')
    await expect.poll(() => numberOf(page)).not.toBe(before)
    const note = page.getByRole('textbox', { name: 'Note' })
    await note.fill('seen twice')
    await note.blur()
    await page.reload()
    await expect.poll(() => note.inputValue()).toBe('seen twice')
    await page.getByText(/^By strength:/).click()
    await page.getByText(/^All \d+ contexts/).click()
    await page
      .getByText(/^\d+ contexts$/)
      .last()
      .waitFor()
    expect(await flawsIn(page, 'a feature', 'dark')).toEqual([])
    const { origin } = new URL(here.app.url)
    await page.goto(`${origin}/#/features/chance/small/63`)
    await page.getByText('This feature is dead:').waitFor()
    expect(await flawsIn(page, 'a dead feature', 'dark')).toEqual([])
    await page.goto(`${origin}/#/features/chance/small/64`)
    await page.getByRole('alert').waitFor()
    await page.goto(`${origin}/#/features/nosuch/small/1`)
    await page.getByRole('heading', { name: 'There is no such SAE' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).getByText('Steer by the feature').waitFor()
    await page.keyboard.press('Escape')

    await goTo(page, 'Features')
    await page.getByRole('button', { name: 'Delete index…' }).click()
    const question = page.getByRole('dialog', { name: /^Delete the index/ })
    await question.getByText(/which frees [\d.]+ [kM]B/).waitFor()
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText(/Deleted; that freed/).waitFor()
    await page.getByRole('region', { name: 'Index its features' }).waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })
})
