// Pictures of every page, light and dark, from the real app: `npm run screenshots` writes docs/screenshots.
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openBrowser, openPage, removeWorkspace, serveApp } from './app.ts'
import setup from './build.ts'
import { goTo, makeData } from './steps.ts'

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
]
const all = process.argv.includes('--all-sizes')
const out = process.argv.find((arg) => arg.startsWith('--out='))?.slice('--out='.length)
const folder = out ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url))

setup()
await mkdir(folder, { recursive: true })
const data = await makeData()
const app = await serveApp()
const browser = await openBrowser()
try {
  for (const size of all ? SIZES : SIZES.slice(0, 1)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, app.url, { viewport: size, colorScheme })
      const shot = (name: string) =>
        page.screenshot({ path: join(folder, `${name}-${colorScheme}${all ? `-${size.width}` : ''}.png`) })
      await page.getByRole('heading', { name: 'Jobs' }).waitFor()
      if (await page.getByText('No jobs yet').isVisible()) await shot('jobs-empty')
      await page.getByRole('button', { name: 'Checksum a folder…' }).first().click()
      await page.getByLabel('Folder', { exact: true }).fill(data.large)
      await shot('job-form')
      await page.getByRole('button', { name: 'Start' }).click()
      await page.getByText('Hashing').first().waitFor()
      await page.waitForTimeout(4_000)
      await shot('job-running')
      await goTo(page, 'Jobs')
      await page.waitForTimeout(300)
      await shot('jobs')
      await page.keyboard.press('Control+k')
      await page.waitForTimeout(400)
      await shot('palette')
      await page.keyboard.press('Escape')
      for (const name of ['Corpus', 'Models', 'Activations', 'Device', 'Settings']) {
        await goTo(page, name)
        if (name === 'Device') await measure(page)
        if (name === 'Models') await importDemo(page, shot)
        if (name === 'Activations') await harvestDemo(page, shot)
        await page.waitForTimeout(200)
        await shot(name.toLowerCase())
      }
      await page.context().close()
    }
  }
} finally {
  await browser.close()
  await app.stop()
  await removeWorkspace(app.workspace)
  await data.remove()
}

/** Brings in the demo model if it is not here yet, takes pictures of its page and of trying it, and comes back to the list. */
async function importDemo(page: Page, shot: (name: string) => Promise<unknown>): Promise<void> {
  const demo = page.getByRole('link', { name: /^Demo model/ })
  const button = page.getByRole('button', { name: 'Import the demo model' })
  await demo.or(button).waitFor()
  if (await button.isVisible()) await button.click()
  await demo.click()
  await page.getByRole('region', { name: 'Memory' }).getByText('fits').first().waitFor()
  await page.waitForTimeout(200)
  await shot('model')
  const box = page.getByRole('region', { name: 'Try it' })
  await box.getByRole('textbox', { name: /^A text/ }).fill('It was the custom of the house that')
  await box.getByRole('button', { name: 'Continue' }).click()
  await box.getByRole('button', { name: 'Analyse all of it' }).click()
  await box.getByRole('img', { name: /^Norm of the residual stream/ }).waitFor()
  await box.getByText('house', { exact: true }).last().hover()
  await page.waitForTimeout(300)
  await shot('model-try')
  await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click()
  await page.getByText('fits').first().waitFor()
}

/** Waits for the probes and for a benchmark, so that the picture shows what they found. */
async function measure(page: Page): Promise<void> {
  await page.getByText('work runs here').waitFor()
  if (await page.getByText('Not measured yet').isVisible()) {
    await page.getByRole('button', { name: 'Benchmark' }).click()
  }
  await page.getByText('open the job').waitFor()
}

/** Harvests the demo corpus, takes pictures of the form, of it running and of its rows, and comes back to the list. */
async function harvestDemo(page: Page, shot: (name: string) => Promise<unknown>): Promise<void> {
  const corpus = join(dirname(data.small), 'demo.jsonl.zst')
  await copyFile(
    fileURLToPath(new URL('../../resources/demo/corpus/demo.jsonl.zst', import.meta.url)),
    corpus,
  )
  await page.getByRole('button', { name: 'New harvest…' }).click()
  const form = page.getByRole('region', { name: 'New harvest' })
  await form.getByLabel('Corpus', { exact: true }).fill(corpus)
  await form.getByLabel('Stratum field').fill('meta.pile_set_name')
  await form.getByRole('combobox', { name: 'Sample' }).click()
  await page.getByRole('option', { name: 'Equal per domain' }).click()
  await form.getByText('tokens/s').waitFor()
  await page.waitForTimeout(300)
  await shot('activations-form')
  await form.getByRole('button', { name: 'Start' }).click()
  // once it has something to show, which it has but for a moment
  await page.locator('.tiles').waitFor()
  await page.waitForTimeout(1_200)
  await shot('activations-live')
  await page.locator('.page-head .state', { hasText: 'ready' }).waitFor()
  const rows = page.getByRole('region', { name: 'Rows', exact: true })
  await rows.getByRole('textbox', { name: /^Search/ }).fill('"the house"')
  await rows
    .getByRole('button', { name: /the house/ })
    .first()
    .click()
  await rows.getByRole('listbox').locator('[data-marked]').last().click()
  await rows.getByText(/^by cosine, among/).waitFor()
  await shot('activations-rows')
  await page.getByRole('region', { name: 'Ledger' }).scrollIntoViewIfNeeded()
  await page.locator('.main').evaluate((main) => main.scrollTo(0, main.scrollHeight))
  await page.waitForTimeout(400)
  await shot('activations-ledger')
  await goTo(page, 'Activations')
  await page.getByRole('button', { name: 'New harvest…' }).waitFor()
}
