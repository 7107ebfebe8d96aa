// The demo at the first start, in Chromium: its line is there at once, one click ends it, and it never begins again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { openForWriting } from '../../src/main/store/database.ts'
import { writeDemo } from '../../src/main/store/demo-row.ts'
import { workspaceMigrations } from '../../src/main/store/migrations.ts'
import { workspaceAt } from '../../src/main/store/workspace.ts'
import { noDemo } from '../../src/shared/demo.ts'
import {
  openBrowser,
  openPage,
  removeWorkspace,
  type ServedApp,
  serveApp,
  title,
  withoutChromium,
} from './app.ts'
import { expectNoMovement, flawsOf, goTo } from './steps.ts'

describe.skipIf(withoutChromium)(title('the demo'), () => {
  let browser: Browser
  let app: ServedApp

  beforeAll(async () => {
    browser = await openBrowser()
    app = await serveApp({ demo: true })
  })
  afterAll(async () => {
    await browser.close()
    await app.stop()
    await removeWorkspace(app.workspace)
  })

  it('begins in an empty workspace, is skipped with a click, leaves what it has made, and stays skipped', async () => {
    const { page, problems } = await openPage(browser, app.url, {
      ...{ viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' },
    })
    const line = page.getByRole('region', { name: 'Demo', exact: true })
    await line.getByText(/^Step \d of \d: /).waitFor()
    await line.getByText(/left$/).waitFor()
    const flaws = await flawsOf(page, 'running')
    await line.getByRole('button', { name: 'Skip' }).click()
    await line.getByText(/^Skipped\./).waitFor()
    await expectNoMovement(page)
    flaws.push(...(await flawsOf(page, 'skipped')))

    expect(problems).toEqual([])

    await app.stop()
    app = await serveApp({ demo: true, workspace: app.workspace })
    await line.getByText(/^Skipped\./).waitFor()
    await line.getByRole('button', { name: 'Put the demo’s line away' }).click()
    await line.waitFor({ state: 'hidden' })

    await goTo(page, 'Settings')
    const card = page.getByRole('main').getByRole('region', { name: 'Demo' })
    await card.getByText(/does not begin again by itself/).waitFor()
    await card.getByRole('button', { name: 'Go on with the demo' }).waitFor()
    await card.getByRole('button', { name: /^Delete what it has made/ }).click()
    const question = page.getByRole('dialog', { name: /^Delete what the demo/ })
    await question.getByText(/^This frees/).waitFor()
    await expectNoMovement(page)
    flaws.push(...(await flawsOf(page, 'deleting')))
    await question.getByRole('button', { name: 'Delete' }).click()
    await page.getByText(/Deleted; that freed/).waitFor()
    await card.getByRole('button', { name: /^Delete what it has made/ }).waitFor({ state: 'hidden' })
    await goTo(page, 'Jobs')
    await page.getByText('No jobs yet').waitFor()
    expect(flaws).toEqual([])
    await page.context().close()
  })

  it('is followed by a tour, which Escape ends for good', async () => {
    await app.stop()
    const { workspace } = app
    const db = openForWriting(workspaceAt(workspace).database, workspaceMigrations)
    writeDemo(db, { ...noDemo, state: 'done' })
    db.close()
    app = await serveApp({ demo: true, workspace })
    const { page, problems } = await openPage(browser, app.url, {
      ...{ viewport: { width: 1024, height: 700 }, colorScheme: 'dark', reducedMotion: 'reduce' },
    })
    const tour = page.getByRole('region', { name: 'Tour, step 1 of 4' })
    await tour.getByText('The demo is done.').waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'tour')).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Features', level: 1 }).waitFor()
    await goTo(page, 'Jobs')
    await tour.getByRole('button', { name: 'Skip the tour' }).waitFor()
    await page.keyboard.press('Escape')
    await tour.waitFor({ state: 'hidden' })
    await page.reload()
    await page
      .getByRole('region', { name: 'Demo', exact: true })
      .getByText(/^Done in/)
      .waitFor()
    expect(await tour.count()).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })
})
