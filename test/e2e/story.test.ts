// The whole story in Chromium: the demo, a search, a feature, its slider, a report; then a training that is killed, and every page in the dark.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { computePid, title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { expectNoMovement, flawsOf, goTo } from './steps.ts'

const small = { width: 1024, height: 700 }
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const textOf = async (page: Page, name: string) =>
  (await section(page, name).locator('[data-place]').allTextContents()).join('')
const finished = (page: Page) => page.getByText(/tokens each · [\d.]+ tokens\/s together/).waitFor()

describe.skipIf(withoutChromium)(title('the whole story'), () => {
  const here = served({ demo: true })

  it(
    'goes from an empty workspace to a text that changes under a slider, and a report',
    { timeout: 420_000 },
    async () => {
      const { page, problems } = await here.open({ reducedMotion: 'reduce' })
      const demo = section(page, 'Demo')
      await demo.getByText(/^Step \d of \d/).waitFor()
      await demo.getByText(/^Done in/).waitFor({ timeout: 360_000 })
      await page.keyboard.press('Escape')

      await goTo(page, 'Features')
      await page.getByRole('textbox', { name: 'Search features' }).fill('pain')
      const found = page.getByRole('list', { name: 'Features that fire there more than elsewhere' })
      await found.getByRole('listitem').first().waitFor()
      await found.getByRole('listitem').first().getByRole('button').first().click()
      await section(page, 'Top contexts').getByRole('listitem').first().waitFor()
      await page.getByRole('button', { name: 'Steer', exact: true }).click()
      const slider = page.getByRole('slider', { name: /^Strength of feature/ })
      await slider.waitFor()
      const prompt = page.getByRole('textbox', { name: 'Text to continue' })
      await prompt.fill('In the beginning of the year')
      await prompt.press('Enter')
      await finished(page)
      const baseline = await textOf(page, 'Baseline')
      const before = await textOf(page, 'Steered')
      const box = await slider.boundingBox()
      if (!box) throw new Error('The slider is not in sight.')
      const middle = box.y + box.height / 2
      await page.mouse.move(box.x + box.width * 0.62, middle)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.9, middle, { steps: 8 })
      await page.mouse.up()
      await finished(page)
      await expect.poll(() => textOf(page, 'Steered')).not.toBe(before)
      expect(await textOf(page, 'Steered')).not.toBe(baseline)
      expect(await textOf(page, 'Baseline')).toBe(baseline)

      // the feature goes into a report with one click, and its contexts stand in the file
      await page.goBack()
      await section(page, 'Top contexts').getByRole('listitem').first().waitFor()
      const context = (await page.locator('.heat-text').first().innerText()).trim().slice(0, 12)
      await page.getByRole('button', { name: 'More to do with it' }).click()
      await page.getByRole('menuitem', { name: 'Add to report' }).click()
      await goTo(page, 'Reports')
      const form = section(page, 'New report')
      await form.getByRole('textbox', { name: 'Title' }).fill('Pain')
      await form.getByRole('button', { name: 'Make the report' }).click()
      const [file] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('listitem', { name: 'Pain' }).getByRole('button', { name: 'Open' }).click(),
      ])
      await file.getByRole('heading', { name: 'Pain' }).waitFor()
      expect(await file.locator('.contexts').first().innerText()).toContain(context)

      expect(problems).toEqual([])
      await page.context().close()
    },
  )

  it('a training whose process is killed half-way is resumed from its page', async () => {
    const { page } = await here.open()
    await goTo(page, 'SAE')
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await form.getByRole('button', { name: 'Demo', exact: true }).click()
    await form.getByLabel('Tokens', { exact: true }).fill('400000')
    await form.getByRole('button', { name: 'Start' }).click()
    const curves = section(page, 'Curves')
    await curves.getByRole('img', { name: 'Unexplained variance' }).locator('canvas').waitFor()
    const id = page.url().split('/').at(-1)!
    process.kill(computePid(here.app, id), 'SIGKILL')
    await page
      .getByText(/SIGKILL/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Resume' }).first().click()
    await page.locator('.page-head .state', { hasText: 'ready' }).waitFor({ timeout: 100_000 })
    await page.context().close()
  })

  it('every page of it holds at 1024 × 700 in the dark', async () => {
    const { page, problems } = await here.open({
      ...{ viewport: small, colorScheme: 'dark', reducedMotion: 'reduce' },
    })
    const flaws: string[] = []
    const look = async (where: string) => {
      await expectNoMovement(page)
      flaws.push(...(await flawsOf(page, where)))
    }
    const rail = page.getByRole('navigation').getByRole('link')
    await rail.first().waitFor()
    for (const place of await rail.all()) {
      await place.click()
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await look(page.url().split('#')[1]!)
      // the first thing in its list, where it has one
      const first = page.getByRole('main').locator('a[href*="#/"]').first()
      if (/#\/(activations|sae|models|jobs)$/.test(page.url()) && (await first.count()) > 0) {
        await first.click()
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await look(page.url().split('#')[1]!)
      }
    }
    expect(flaws).toEqual([])
    expect(problems).toEqual([])
    await page.context().close()
  })
})
