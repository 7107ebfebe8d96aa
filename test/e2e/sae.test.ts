// The SAE pages in Chromium: a training from the form, its curves while it runs, its figures, evaluation and removal.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallHarvest } from '../helpers/small-harvest.ts'
import {
  openBrowser,
  openPage,
  removeWorkspace,
  serveApp,
  type ServedApp,
  title,
  withoutChromium,
} from './app.ts'
import { flawsOf, goTo } from './steps.ts'

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

describe.skipIf(withoutChromium)(title('the SAE pages'), () => {
  let browser: Browser
  let app: ServedApp

  beforeAll(async () => {
    app = await serveApp()
    await smallHarvest(join(app.workspace, 'harvests', 'small'), { rows: 20_000 })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await app.stop()
    await removeWorkspace(app.workspace)
  })

  it('train one from the form, draw its curves as they come, and delete it with what that frees', async () => {
    const { page, problems } = await openPage(browser, app.url)
    await goTo(page, 'SAE')
    await page.getByText('No SAEs yet').waitFor()
    expect(await flawsOf(page, 'no SAEs')).toEqual([])
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await form.getByLabel('Harvest', { exact: true }).fill('small')
    await form.getByLabel('Width', { exact: true }).fill('64')
    await form.getByLabel('k', { exact: true }).fill('4')
    await form.getByLabel('Tokens', { exact: true }).fill('400000')
    await form.getByLabel('Batch', { exact: true }).fill('128')
    expect(await flawsOf(page, 'the form')).toEqual([])
    await form.getByRole('button', { name: 'Start' }).click()
    const curves = section(page, 'Curves')
    await curves.getByRole('img', { name: 'Unexplained variance' }).locator('canvas').waitFor()
    await page.locator('.page-head .state', { hasText: 'ready' }).waitFor({ timeout: 60_000 })
    await section(page, 'Facts').getByText('64 features over 16 directions').waitFor()
    await section(page, 'Facts').getByText('of the variance unexplained, L0 ').waitFor()
    await section(page, 'Sparsity doctor').getByText('nothing found').waitFor()
    await curves.getByRole('img', { name: 'Features by density' }).waitFor()
    await curves.getByRole('switch', { name: 'Log axis' }).click()
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      curves.getByRole('button', { name: 'Save CSV' }).click(),
    ])
    expect(csv.suggestedFilename()).toMatch(/\.csv$/)
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      curves.getByRole('button', { name: 'PNG of L0' }).click(),
    ])
    expect(picture.suggestedFilename()).toMatch(/ L0\.png$/)
    expect(await flawsOf(page, 'a trained SAE')).toEqual([])

    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Deleted; that freed').waitFor()
    await page.getByText('No SAEs yet').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('say why a training cannot be', async () => {
    const { page } = await openPage(browser, app.url, {
      colorScheme: 'dark',
      viewport: { width: 1024, height: 700 },
    })
    await goTo(page, 'SAE')
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await form.getByLabel('Harvest', { exact: true }).fill('nowhere')
    await form.getByRole('button', { name: 'Start' }).click()
    await page.getByText('There is no harvest "nowhere".').first().waitFor()
    expect(await flawsOf(page, 'a training that failed')).toEqual([])
    await page.context().close()
  })
})
