// Every page, dialog and error state in Chromium: accessible, inside the window, in light and dark, without a flash.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { type Data, expectNoMovement, flawsOf, goTo, hashing, jobState, makeData, startJob } from './steps.ts'

const PLACES = [
  ...['Corpus', 'Activations', 'SAE', 'Features', 'Steering', 'Reports', 'Models', 'Prompt lab'],
  ...['Jobs', 'Device', 'Settings'],
]

describe.skipIf(withoutChromium)(title('every page'), () => {
  const here = served()
  let data: Data

  beforeAll(async () => {
    data = await makeData()
  })
  afterAll(async () => {
    await data.remove()
  })

  /** Looks at a page once it stands still: half-faded colours are not what people read. */
  async function look(page: Page, where: string, flaws: string[]): Promise<void> {
    await expectNoMovement(page)
    flaws.push(...(await flawsOf(page, where)))
  }

  it.each([
    ['light', 1440, 900],
    ['dark', 1024, 700],
  ] as const)('can be read and reached, in %s at %i × %i', async (colorScheme, width, height) => {
    const viewport = { width, height }
    const { page, problems } = await here.open({
      colorScheme,
      viewport,
      reducedMotion: 'reduce',
    })
    const flaws: string[] = []
    for (const place of PLACES) {
      await goTo(page, place)
      expect(await page.title()).toBe(`${place} · Monoscope`)
      await look(page, place, flaws)
    }

    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search pages, jobs, commands…').waitFor()
    await look(page, 'palette', flaws)
    await page.keyboard.press('Escape')
    await page.getByPlaceholder('Search pages, jobs, commands…').waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
    await look(page, 'shortcuts', flaws)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    await goTo(page, 'Jobs')
    await page.getByRole('button', { name: 'Checksum a folder…' }).click()
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('Please fill this in.').waitFor()
    await look(page, 'form with an error', flaws)
    await page.getByLabel('Folder', { exact: true }).fill('/does/not/exist')
    await page.getByRole('button', { name: 'Choose a folder' }).click()
    await page.getByText(/cannot be opened as a folder/).waitFor()
    await look(page, 'folder that cannot be read', flaws)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Choose a folder' }).waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Start' }).click()
    await jobState(page, 'failed').waitFor()
    await look(page, 'failed job', flaws)

    await startJob(page, data.large)
    await hashing(page).waitFor()
    await page.locator('canvas').waitFor()
    await look(page, 'running job', flaws)
    await page.getByRole('button', { name: 'Lines' }).click()
    await page.getByRole('checkbox', { name: 'used' }).waitFor()
    await look(page, 'lines of the chart', flaws)
    await page.keyboard.press('Escape')
    await page.getByText('In numbers').click()
    await page.getByRole('rowheader', { name: 'Processor, machine' }).waitFor()
    await look(page, 'numbers of the chart', flaws)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await jobState(page, 'cancelled').waitFor()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog', { name: 'Delete this job?' }).waitFor()
    await look(page, 'question before deleting', flaws)
    await page.keyboard.press('Escape')
    await goTo(page, 'Jobs')
    await look(page, 'list with jobs', flaws)

    await page.goto(`${new URL(here.app.url).origin}/#/jobs/nosuchjob`)
    await page.getByRole('heading', { name: 'There is no such job' }).waitFor()
    await look(page, 'unknown job', flaws)
    await page.goto(`${new URL(here.app.url).origin}/#/nowhere`)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await look(page, 'unknown page', flaws)
    expect(flaws).toEqual([])
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('is light or dark from its first paint on', async () => {
    const { page } = await here.open({ colorScheme: 'light' })
    await goTo(page, 'Settings')
    await page.getByRole('combobox', { name: 'Appearance' }).click()
    await page.getByRole('option', { name: 'dark' }).click()
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    await page.addInitScript(() => {
      const seen: string[] = Object.assign(window, { seen: [] }).seen
      const note = () => {
        const background = document.body as HTMLElement | null
        if (background) seen.push(getComputedStyle(background).backgroundColor)
        requestAnimationFrame(note)
      }
      requestAnimationFrame(note)
    })
    await page.reload()
    await page.getByRole('combobox', { name: 'Appearance' }).waitFor()
    const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
    expect(seen.length).toBeGreaterThan(0)
    expect([...new Set(seen)]).toEqual(['rgb(21, 23, 26)'])
    await page.getByRole('combobox', { name: 'Appearance' }).click()
    await page.getByRole('option', { name: 'system' }).click()
    await page.locator('html[data-mantine-color-scheme=light]').waitFor()
    await page.context().close()
  })

  it('saves a setting when its field is left, and says in place what is wrong with it', async () => {
    const { page } = await here.open()
    await goTo(page, 'Settings')
    const field = page.getByRole('textbox', { name: 'Jobs at once' })
    await field.fill('')
    await field.blur()
    await page.getByText('Please fill this in.').waitFor()
    await field.fill('2')
    await field.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    await page.getByText('Please fill this in.').waitFor({ state: 'hidden' })
    await page.reload()
    await expect.poll(() => field.inputValue()).toBe('2')
    await field.fill('1')
    await field.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    await page.context().close()
  })

  it('is reached from the top by a link that skips the rail', async () => {
    const { page } = await here.open()
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
    expect(page.url()).toMatch(/#\/jobs$/)
    await page.context().close()
  })

  it('has a rail of icons with names where there is little room', async () => {
    const { page } = await here.open({ viewport: { width: 1024, height: 700 } })
    const rail = page.getByRole('navigation')
    await rail.getByRole('link', { name: 'Steering', exact: true }).hover()
    await page.getByRole('tooltip', { name: 'Steering' }).waitFor()
    await expect.poll(async () => (await rail.boundingBox())?.width).toBeLessThan(60)
    await rail.getByRole('link', { name: 'Device', exact: true }).click()
    await page.getByRole('heading', { name: 'Device', level: 1 }).waitFor()
    // by keyboard too
    await page.keyboard.press('Tab')
    await page.getByRole('tooltip', { name: 'Settings' }).waitFor()
    await page.setViewportSize({ width: 1200, height: 700 })
    await rail.getByText('Settings').hover()
    await expect.poll(async () => (await rail.boundingBox())?.width).toBeGreaterThan(150)
    // two may be fading at once
    await expect.poll(() => page.getByRole('tooltip').count()).toBe(0)
    await page.context().close()
  })

  it('begins a form at its first field', async () => {
    const { page } = await here.open()
    await page.getByRole('button', { name: 'Checksum a folder…' }).first().click()
    await page.getByRole('dialog').waitFor()
    await expect
      .poll(() => page.getByLabel('Folder', { exact: true }).evaluate((field) => field.matches(':focus')))
      .toBe(true)
    await page.context().close()
  })

  it('names what failed when a page fails, and offers the diagnostics', async () => {
    const { page } = await here.open()
    await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor()
    await page.route('**/settings-page-*.js', (route) => route.abort())
    await page.getByRole('navigation').getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('heading', { name: 'This page has failed' }).waitFor()
    await page.getByRole('button', { name: 'Copy diagnostics' }).click()
    await page.getByText('Diagnostics copied.').waitFor()
    const report = await page.evaluate(() => navigator.clipboard.readText())
    expect(report).toMatch(/settings-page/)
    expect(report).toMatch(/Monoscope 0\.\d+\.\d+ \(serve\)/)
    // the rail still leads elsewhere
    await goTo(page, 'Device')
    await page.context().close()
  })
})
