// Pictures of every page, light and dark, from the real app: `npm run screenshots` writes docs/screenshots.
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { openBrowser, openPage, removeWorkspace, serveApp } from './app.ts'
import setup from './build.ts'
import { expectNoMovement, goTo, makeData } from './steps.ts'

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
const app = await serveApp({ demo: true })
const browser = await openBrowser()
try {
  for (const size of all ? SIZES : SIZES.slice(0, 1)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(browser, app.url, { viewport: size, colorScheme })
      const shot = (name: string) =>
        page.screenshot({ path: join(folder, `${name}-${colorScheme}${all ? `-${size.width}` : ''}.png`) })
      await demoDone(page, shot)
      await goTo(page, 'Jobs')
      await page.getByRole('button', { name: 'Checksum a folder…' }).first().click()
      await page.getByLabel('Folder', { exact: true }).fill(data.large)
      await expectNoMovement(page)
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
      await later(page, shot)
      await page.context().close()
    }
  }
} finally {
  await browser.close()
  await app.stop()
  await removeWorkspace(app.workspace)
  await data.remove()
}

type Shot = (name: string) => Promise<unknown>

/** Takes a picture of the demo while it trains, waits for its end, and puts line and tour away. */
async function demoDone(page: Page, shot: Shot): Promise<void> {
  const demo = page.getByRole('region', { name: 'Demo', exact: true })
  const training = demo.getByText(/Training an SAE/)
  const done = demo.getByText(/^Done in/)
  // it is put away once
  const shown = await demo.waitFor({ timeout: 5_000 }).then(
    () => true,
    () => false,
  )
  if (!shown) return
  await training.or(done).first().waitFor({ timeout: 300_000 })
  if (await training.isVisible()) {
    await goTo(page, 'SAE')
    await page
      .getByRole('main')
      .locator('canvas')
      .first()
      .waitFor({ timeout: 60_000 })
      .catch(() => undefined)
    await page.waitForTimeout(3_000)
    await shot('demo')
    await done.waitFor({ timeout: 600_000 })
  }
  await page.keyboard.press('Escape')
  const away = demo.getByRole('button', { name: 'Put the demo’s line away' })
  if (await away.isVisible()) await away.click()
}

/** The stages behind the harvest: an SAE and its curves, features, the lab, steering, and a report. */
async function later(page: Page, shot: Shot): Promise<void> {
  await goTo(page, 'SAE')
  await page.waitForTimeout(300)
  await shot('sae-list')
  await page.getByRole('main').locator('a[href*="#/sae/"]').first().click()
  await page.getByRole('img', { name: 'Unexplained variance' }).locator('canvas').waitFor()
  await page.waitForTimeout(800)
  await shot('sae')

  await goTo(page, 'Features')
  // where there is little room a feature has a page instead of a place beside the list
  const beside = (page.viewportSize()?.width ?? 0) > 1200
  const contexts = page.getByRole('region', { name: 'Top contexts' }).getByRole('listitem').first()
  if (beside) await contexts.waitFor()
  await page.waitForTimeout(800)
  await shot('features')
  await page.getByRole('textbox', { name: 'Search features' }).fill('pain')
  const found = page.getByRole('list', { name: 'Features that fire there more than elsewhere' })
  const first = found.getByRole('listitem').first().getByRole('button').first()
  await first.waitFor()
  if (beside) await first.click()
  await page.waitForTimeout(1_500)
  await shot('features-search')
  if (beside) {
    await page.getByRole('button', { name: 'More to do with it' }).click()
    await page.getByRole('menuitem', { name: 'Open its page' }).click()
  } else {
    await first.click()
  }
  await contexts.waitFor()
  await page
    .getByRole('textbox', { name: 'A text to try it on' })
    .fill('The patient has chest pain and fever.')
  await page.waitForTimeout(1_500)
  await shot('feature')
  await page.getByRole('button', { name: 'Add to report' }).click()

  await page.getByRole('button', { name: 'Steer', exact: true }).click()
  await page.getByRole('slider', { name: /^Strength of feature/ }).waitFor()
  await page.getByRole('textbox', { name: 'Text to continue' }).fill('In the beginning of the year')
  await page.getByRole('textbox', { name: 'Text to continue' }).press('Enter')
  await page.getByText(/tokens each · [\d.]+ tokens\/s together/).waitFor()
  await page.waitForTimeout(2_500)
  await shot('steering')

  await goTo(page, 'Prompt lab')
  await page.waitForTimeout(800)
  await shot('lab')
  await goTo(page, 'Reports')
  const form = page.getByRole('region', { name: 'New report' })
  await form.getByRole('textbox', { name: 'Title' }).fill('What fires on pain')
  await form.getByRole('button', { name: 'Make the report' }).click()
  const made = page.getByRole('listitem', { name: 'What fires on pain' }).first()
  const [file] = await Promise.all([
    page.context().waitForEvent('page'),
    made.getByRole('button', { name: 'Open' }).click(),
  ])
  await file.getByRole('heading', { name: 'What fires on pain' }).waitFor()
  await shot('reports')
  const size = page.viewportSize()
  if (size) await file.setViewportSize(size)
  await file.waitForTimeout(300)
  const scheme = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
  await file.emulateMedia({ colorScheme: scheme ? 'dark' : 'light' })
  await file.screenshot({
    path: join(folder, `report-file-${scheme ? 'dark' : 'light'}${all && size ? `-${size.width}` : ''}.png`),
  })
  await file.close()
}

/** Brings in the demo model if it is not here yet, takes pictures of its page and of trying it, and comes back to the list. */
async function importDemo(page: Page, shot: Shot): Promise<void> {
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

/** Takes pictures of the form of a harvest, and of the rows and the ledger of the demo's, and comes back to the list. */
async function harvestDemo(page: Page, shot: Shot): Promise<void> {
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
  await goTo(page, 'Corpus')
  await goTo(page, 'Activations')
  await page.getByRole('main').locator('a[href*="#/activations/"]').first().click()
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
