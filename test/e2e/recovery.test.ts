// What breaks, seen from the page: connections, hosts and jobs that end, and how each comes back.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, openPage, removeWorkspace, serveApp, title, withoutChromium } from './app.ts'
import { type Data, goTo, hashing, jobState, makeData, startJob } from './steps.ts'
import { openTunnel } from './tunnel.ts'

describe.skipIf(withoutChromium)(title('what breaks'), () => {
  let browser: Browser
  let data: Data

  beforeAll(async () => {
    data = await makeData()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await data.remove()
  })

  it('a connection comes back by itself, and the page goes on where it was', async () => {
    const app = await serveApp()
    const url = new URL(app.url)
    const tunnel = await openTunnel(Number(url.port))
    url.port = String(tunnel.port)
    const { page } = await openPage(browser, url.href)
    await startJob(page, data.large)
    await hashing(page).waitFor()
    const amount = async () =>
      Number(/· ([\d.]+) [MG]B of/.exec((await hashing(page).textContent()) ?? '')?.[1])
    await tunnel.cut()
    await page.getByText(/does not answer; reconnecting/).waitFor()
    const before = await amount()
    // what there is to tell without the host is not waited for
    await page.keyboard.press('Control+k')
    await page.getByRole('button', { name: 'Copy diagnostics' }).click()
    await page.getByText('Diagnostics copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('wire/closed')
    await tunnel.mend()
    await page.getByText(/does not answer; reconnecting/).waitFor({ state: 'hidden' })
    await jobState(page, 'running').waitFor()
    await expect.poll(amount).not.toBe(before)
    // the log was sent anew, not twice
    expect(await page.getByText('Found 20 files').count()).toBe(1)
    await page.context().close()
    await app.stop()
    await tunnel.cut()
    await removeWorkspace(app.workspace)
  })

  it('a host that was killed and started again is found by the open page, with its jobs', async () => {
    const first = await serveApp()
    const { page } = await openPage(browser, first.url)
    const id = await startJob(page, data.large)
    await hashing(page).waitFor()
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    await first.kill()
    await page.getByText(/does not answer; reconnecting/).waitFor()
    const second = await serveApp({ workspace: first.workspace })
    expect(new URL(second.url).host).toBe(new URL(first.url).host)
    expect(second.url).not.toBe(first.url)
    await jobState(page, 'interrupted').waitFor()
    await page.getByText(/does not answer; reconnecting/).waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
    await goTo(page, 'Jobs')
    expect(await page.locator('.job-row').getAttribute('href')).toContain(id)
    // once more, from a reloaded page
    await second.stop()
    const third = await serveApp({ workspace: first.workspace })
    await page.reload()
    await page.locator('.job-row').waitFor()
    // the link of an earlier start opens nothing in a tab that was not let in
    for (const old of [first.url, second.url]) {
      const { page: stranger } = await openPage(browser, old)
      await stranger.getByRole('heading', { name: 'Monoscope did not let this page in' }).waitFor()
      await stranger.context().close()
    }
    await page.context().close()
    await third.stop()
    await removeWorkspace(first.workspace)
  })

  it('what a page loads while the host is away comes once it is back', async () => {
    const first = await serveApp()
    const { page } = await openPage(browser, first.url)
    await page.getByText('No jobs yet').waitFor()
    await first.kill()
    await page.getByText(/does not answer; reconnecting/).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click()
    // long enough for it to fail
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    const second = await serveApp({ workspace: first.workspace })
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    await second.stop()
    await removeWorkspace(first.workspace)
    await page.context().close()
  })

  it('a chart that does not come at first comes later', async () => {
    const app = await serveApp()
    const { page } = await openPage(browser, app.url)
    let refused = 0
    await page.route(/resource-chart-.*\.js/, async (route) => {
      if (refused++ === 0) await route.abort()
      else await route.continue()
    })
    await startJob(page, data.small)
    await page.locator('canvas').waitFor()
    expect(refused).toBe(2)
    await page.context().close()
    await app.stop()
    await removeWorkspace(app.workspace)
  })

  it('a tab whose key is forgotten asks for the link, and takes it without a reload', async () => {
    const first = await serveApp()
    const { page } = await openPage(browser, first.url)
    await page.getByText('No jobs yet').waitFor()
    await first.kill()
    await rm(join(first.workspace, 'tabs.json'))
    const second = await serveApp({ workspace: first.workspace, port: Number(new URL(first.url).port) })
    await page.getByRole('heading', { name: 'Monoscope did not let this page in' }).waitFor()
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    await page.goto(second.url)
    await page.getByText('No jobs yet').waitFor()
    expect(page.url()).not.toContain('token')
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
    await page.context().close()
    await second.stop()
    await removeWorkspace(first.workspace)
  })

  it('a job whose host was killed is interrupted, says so, and goes on from where it was', async () => {
    const first = await serveApp()
    const { page } = await openPage(browser, first.url)
    const id = await startJob(page, data.large)
    await hashing(page).waitFor()
    await first.kill()
    const second = await serveApp({ workspace: first.workspace })
    await page.goto(second.url)
    await page.locator('.job-row').first().click()
    await page.waitForURL(new RegExp(id))
    await jobState(page, 'interrupted').waitFor()
    await page.getByText('Monoscope ended unexpectedly while the job was running.').waitFor()
    await page.getByRole('button', { name: 'Copy details' }).click()
    await page.getByText('Details copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('job/host-died')
    await page.getByRole('button', { name: 'Resume' }).click()
    await hashing(page).waitFor()
    await page.locator('dt', { hasText: 'attempt' }).locator('+ dd', { hasText: '2' }).waitFor()
    await page.context().close()
    await second.stop()
    await removeWorkspace(first.workspace)
  })

  it('a death by memory shows its last minute first', async () => {
    const first = await serveApp()
    const { page } = await openPage(browser, first.url)
    const id = await startJob(page, data.small)
    await jobState(page, 'done').waitFor()
    expect(await page.getByRole('radio', { name: 'Whole time' }).isChecked()).toBe(true)
    await first.stop()
    await page.context().close()

    const db = new Database(join(first.workspace, 'monoscope.sqlite'))
    const error = {
      ...{ kind: 'expected', code: 'job/out-of-memory' },
      message: 'The system ended the job’s process because memory ran out: it used 23 GB.',
      hint: 'Lower the batch size.',
    }
    db.prepare("UPDATE job SET state = 'interrupted', error = ?, result = 'null' WHERE id = ?").run(
      JSON.stringify(error),
      id,
    )
    db.close()

    const second = await serveApp({ workspace: first.workspace })
    const { page: later } = await openPage(browser, second.url)
    await later.locator('.job-row').first().click()
    await later.getByRole('alert').getByText(error.message).waitFor()
    await later.getByText(error.hint).waitFor()
    await later.locator('canvas').waitFor()
    expect(await later.getByRole('radio', { name: 'Last minute' }).isChecked()).toBe(true)
    await later.context().close()
    await second.stop()
    await removeWorkspace(first.workspace)
  })

  it('an action that came too late is refused with a hint that can be copied', async () => {
    const app = await serveApp()
    const { page: one } = await openPage(browser, app.url)
    const id = await startJob(one, data.large)
    await hashing(one).waitFor()
    await one.getByRole('button', { name: 'Cancel' }).click()
    await jobState(one, 'cancelled').waitFor()
    const { page: two } = await openPage(browser, app.url)
    await two.getByRole('link', { name: /Checksum/ }).click()
    await two.waitForURL(new RegExp(id))
    await one.getByRole('button', { name: 'Delete…' }).click()
    await two.getByRole('button', { name: 'Resume' }).click()
    await jobState(two, 'running').waitFor()
    await one.getByRole('button', { name: 'Delete', exact: true }).click()
    const toast = one.getByRole('alert').filter({ hasText: 'must be cancelled before it can be deleted' })
    await toast.getByRole('button', { name: 'Copy details' }).click()
    await one.getByText('Details copied.').waitFor()
    expect(await one.evaluate(() => navigator.clipboard.readText())).toContain('jobs/state')
    await one.context().close()
    await two.context().close()
    await app.stop()
    await removeWorkspace(app.workspace)
  })
})
