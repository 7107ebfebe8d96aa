// The page against the real host, in Chromium: what a person does first, and what goes wrong on the way.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computePid, openPage, title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { type Data, hashing, jobState, makeData, startJob } from './steps.ts'

const RENDERER = fileURLToPath(new URL('../../out/renderer', import.meta.url))

describe.skipIf(withoutChromium)(title('the app in Chromium'), () => {
  const here = served()
  let data: Data

  beforeAll(async () => {
    data = await makeData()
  })
  afterAll(async () => {
    await data.remove()
  })

  it('opens, hides the token, and says what can be done next', async () => {
    const { page, problems } = await here.open()
    await page.getByText('No jobs yet').waitFor()
    expect(page.url()).not.toContain('token')
    await page.reload()
    await page.getByText('No jobs yet').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('runs a job chosen in the folder browser, with live progress, to its result', async () => {
    const { page, problems } = await here.open()
    await page.getByRole('button', { name: 'Checksum a folder…' }).first().click()
    await page.getByRole('button', { name: 'Start' }).click()
    await page.getByText('Please fill this in.').waitFor()
    await page.getByLabel('Folder', { exact: true }).fill(dirname(data.small))
    await page.getByRole('button', { name: 'Choose a folder' }).click()
    await page.getByRole('button', { name: 'small' }).click()
    await page.getByText('a.txt').waitFor()
    await page.getByRole('button', { name: 'Choose this folder' }).click()
    await page.getByRole('button', { name: 'Start' }).click()
    await jobState(page, 'done').waitFor()
    await page.getByText('Finished').waitFor()
    await page.getByText('Found 1 files').waitFor()
    await page.locator('canvas').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('cancels, resumes, ends and deletes a job', async () => {
    const { page, problems } = await here.open()
    await startJob(page, data.large)
    await hashing(page).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await jobState(page, 'cancelled').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await hashing(page).waitFor()
    await page.getByRole('button', { name: 'End now' }).click()
    await jobState(page, 'interrupted').waitFor()
    await page.getByText('The job was ended on request.').waitFor()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText(/Deleted; that freed/).waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('shows a job whose process was killed as interrupted, and resumes it', async () => {
    const { page } = await here.open()
    const id = await startJob(page, data.large)
    await hashing(page).waitFor()
    process.kill(computePid(here.app, id), 'SIGKILL')
    await jobState(page, 'interrupted').waitFor()
    await page
      .getByText(/ended from outside \(SIGKILL\)/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await jobState(page, 'running').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await jobState(page, 'cancelled').waitFor()
    await page.context().close()
  })

  it('reaches everything by keyboard: palette, shortcuts, pages', async () => {
    const { page, problems } = await here.open()
    await page.getByRole('heading', { name: 'Jobs' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder('Search pages, jobs, commands…').fill('dark')
    await page.getByRole('button', { name: 'Appearance: dark' }).click()
    await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
    await page.getByPlaceholder('Search pages, jobs, commands…').waitFor({ state: 'hidden' })
    await page.keyboard.press('Shift+?')
    await page.getByText('Search pages, jobs and commands').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Search pages, jobs and commands').waitFor({ state: 'hidden' })
    await page.keyboard.press('g')
    await page.keyboard.press(',')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.getByRole('combobox', { name: 'Appearance' }).click()
    await page.getByRole('option', { name: 'system' }).click()
    await page.locator('html[data-mantine-color-scheme=light]').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('keeps a secret without ever showing it', async () => {
    const { page } = await here.open()
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByLabel(/Token \(not set\)/).fill('hf_secret')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByLabel(/Token \(set\)/).waitFor()
    expect(await page.content()).not.toContain('hf_secret')
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByLabel(/Token \(not set\)/).waitFor()
    await page.context().close()
  })

  it('says so when the link is not valid', async () => {
    const { page } = await openPage(here.browser, here.app.url.replace(/token=.*/, 'token=wrong'))
    await page.getByText('Monoscope did not let this page in').waitFor()
    await page.getByText(/the newest start printed/).waitFor()
    await page.context().close()
  })
})

describe('the built page', () => {
  it('starts with less than 350 kB of script, and ECharts is not among it', async () => {
    const html = await readFile(join(RENDERER, 'index.html'), 'utf8')
    const files = await readdir(join(RENDERER, 'assets'))
    const pending = files.filter((name) => name.endsWith('.js') && html.includes(name))
    const initial = new Set<string>()
    let bytes = 0
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (initial.has(name)) continue
      initial.add(name)
      const source = await readFile(join(RENDERER, 'assets', name), 'utf8')
      bytes += gzipSync(source).length
      for (const [, imported] of source.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
        if (imported) pending.push(imported)
      }
      expect(source.includes('echarts') && source.length > 300_000, name).toBe(false)
    }
    expect(initial.size).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(350_000)
    console.info(`initial script: ${(bytes / 1000).toFixed(0)} kB gzipped in ${initial.size} files`)
  })
})
