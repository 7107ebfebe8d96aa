// The index on the Features page in Chromium: checked, reported from, outdated, damaged, without its harvest; and a picture as a file.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { command, fillSmall } from './small-workspace.ts'
import { flawsIn, goTo } from './steps.ts'

const grid = (page: Page) => page.getByRole('grid', { name: 'Features' })
const search = (page: Page) => page.getByRole('textbox', { name: 'Search features' })

describe.skipIf(withoutChromium)(title('an index on the Features page'), () => {
  const here = served()
  const index = () => join(here.app.workspace, 'saes', 'chance', 'indexes', 'small')

  beforeAll(async () => {
    await fillSmall(here.app.workspace)
    await command(here.app.workspace, 'index', '--sae', 'chance', '--harvest', 'small')
  })

  it('is verified with one click, and what searches find goes into a report', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    await page.getByRole('button', { name: 'Verify' }).click()
    const check = page.getByRole('region', { name: 'Verification' })
    await check.getByText(/rows encoded again differ by at most/).waitFor()
    expect(await flawsIn(page, 'verified', 'light')).toEqual([])
    expect(await flawsIn(page, 'verified', 'dark')).toEqual([])
    await check.getByRole('button', { name: 'Put the check away' }).click()
    await check.waitFor({ state: 'detached' })

    await search(page).fill('chest pain')
    const found = page.getByRole('list', { name: 'Features that fire there more than elsewhere' })
    const ofToken = page.getByRole('list', { name: 'Features of the token' })
    const reported = new Set<string | null>()
    for (const [typed, list] of [
      ['chest pain', found],
      ['token: heart', ofToken],
    ] as const) {
      await search(page).fill(typed)
      await list.getByRole('listitem').first().waitFor()
      // all at once: what is still being replaced would be waited for
      const listed = await list
        .locator('[data-feature]')
        .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-feature')))
      for (const feature of listed) reported.add(feature)
      await page.locator('.hits-head').getByRole('button', { name: 'Add to report' }).click()
    }
    await goTo(page, 'Reports')
    await page.getByText(`${reported.size} features`).first().waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('calls a feature without a label the same in a search, in the table and where it is steered', async () => {
    const { page } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    await search(page).fill('chest pain')
    const first = page
      .getByRole('list', { name: 'Features that fire there more than elsewhere' })
      .getByRole('listitem')
      .first()
    await first.locator('.ranked-name bdi').waitFor()
    // at once: a row may be replaced between two questions
    const [feature, name] = await first.evaluate((row) =>
      ['b', '.ranked-name bdi'].map((part) => row.querySelector(part)?.textContent ?? ''),
    )
    if (!feature || !name) throw new Error('The first feature has no number or no name.')
    expect(name).toMatch(/^“.+”$/)
    await search(page).fill(feature)
    await grid(page).getByText(name).first().waitFor()
    await page.locator('.feature-title').getByRole('heading', { name: feature, exact: true }).waitFor()
    await page.getByRole('button', { name: 'Steer', exact: true }).click()
    await page
      .getByRole('region', { name: `Feature ${feature}` })
      .getByText(name)
      .waitFor()
    // no text has it as a word, and a token begins so
    await page.getByRole('combobox', { name: 'Feature to steer by' }).fill('pai')
    await page
      .getByRole('listbox', { name: 'Features that were found' })
      .getByRole('option')
      .first()
      .waitFor()
    await page.context().close()
  })

  it('takes nobody back who leaves before what was typed is in the address', async () => {
    const { page } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    const feature = await page.locator('.feature-title').getByRole('heading').innerText()
    // the page that was left is there until the script of the other one has come
    await page.route(/steering-page.*\.js$/, async (route) => {
      await setTimeout(700)
      await route.continue()
    })
    await page.evaluate((typed) => {
      const field = document.querySelector('input[aria-label="Search features"]')!
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(field, typed)
      field.dispatchEvent(new Event('input', { bubbles: true }))
      document.querySelector<HTMLElement>('[data-tour="steer"]')!.click()
    }, feature)
    await page.getByRole('region', { name: `Feature ${feature}` }).waitFor({ timeout: 10_000 })
    expect(page.url()).toContain('#/steering')
    await page.context().close()
  })

  it('gives a picture as a file where the browser lets no images on the clipboard', async () => {
    const { page } = await here.open({ reducedMotion: 'reduce' })
    await page.addInitScript(() => {
      navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await page.reload()
    await goTo(page, 'Features')
    await grid(page).waitFor()
    const number = await page.locator('.feature-title').getByRole('heading').innerText()
    await page.getByRole('button', { name: 'More to do with it' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'Copy as image' }).click()
    const file = await download
    expect(file.suggestedFilename()).toBe(`feature-${number}.png`)
    const bytes = await readFile(await file.path())
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    // twice 900 pixels wide
    expect(bytes.readUInt32BE(16)).toBe(1_800)
    await page.getByText(/^Image saved/).waitFor()
    await page.context().close()
  })

  it('shows its features where the harvest was moved, and says what is missing', async () => {
    const [harvest, elsewhere] = ['harvests/small', 'small-elsewhere'].map((name) =>
      join(here.app.workspace, name),
    ) as [string, string]
    await rename(harvest, elsewhere)
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    await page
      .getByRole('note')
      .getByText(/contexts cannot be searched or opened/)
      .waitFor()
    await page.getByRole('region', { name: 'Top contexts' }).getByRole('listitem').first().waitFor()
    await search(page).fill('chest pain')
    await page
      .getByRole('alert')
      .getByText(/harvest/i)
      .first()
      .waitFor()
    expect(await flawsIn(page, 'without its harvest', 'light')).toEqual([])
    await rename(elsewhere, harvest)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('of an earlier version, or without a file, says so and is built again; labels stay', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Features')
    await grid(page).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('l')
    await page.keyboard.type('kept')
    await page.keyboard.press('Enter')
    await page.locator('.feature-title').getByText('kept').waitFor()

    const manifest = join(index(), 'manifest.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"format": 1', '"format": 0'))
    await page.reload()
    await page
      .getByRole('alert')
      .getByText(/written by another version/)
      .waitFor()
    const form = page.getByRole('region', { name: 'Rebuild the index' })
    expect(await flawsIn(page, 'an outdated index', 'light')).toEqual([])
    expect(await flawsIn(page, 'an outdated index', 'dark')).toEqual([])
    await form.getByRole('button', { name: 'Rebuild' }).click()
    await grid(page).waitFor({ timeout: 60_000 })
    await grid(page).getByText('kept').waitFor()

    await rm(join(index(), 'features.arrow'))
    await page.reload()
    await page
      .getByRole('alert')
      .getByText(/features\.arrow is missing/)
      .waitFor()
    expect(await flawsIn(page, 'a damaged index', 'light')).toEqual([])
    await form.getByRole('button', { name: 'Rebuild' }).click()
    await grid(page).waitFor({ timeout: 60_000 })
    await grid(page).getByText('kept').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })
})
