// The Steering page in Chromium: texts that change with the slider, the strip, a sweep, a session, and what goes wrong.
import { execFileSync } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PastRun, steeringSetupSchema } from '../../src/shared/steering-sessions.ts'
import { writeSae } from '../../src/main/sae/write-sae.ts'
import { CLI } from '../helpers/built.ts'
import { demoLlama } from '../helpers/llama.ts'
import { randomSae } from '../helpers/random-sae.ts'
import {
  computePid,
  openBrowser,
  openPage,
  removeWorkspace,
  serveApp,
  type ServedApp,
  title,
  withoutChromium,
} from './app.ts'
import { flawsIn, goTo } from './steps.ts'

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const written = (page: Page, name: string) => section(page, name).locator('[data-place]')
const textOf = async (page: Page, name: string) => (await written(page, name).allTextContents()).join('')
/** As a link does. */
const ask = (page: Page, search: string) =>
  page.evaluate((hash) => (location.hash = hash), `#/steering?${search}`)
const finished = (page: Page) => page.getByText(/^12 tokens each · [\d.]+ tokens\/s together/).waitFor()

/** With the demo model; and what that is called. */
async function smallWorkspace() {
  const workspace = await mkdtemp(join(tmpdir(), 'monoscope-steering-'))
  const args = ['--workspace', workspace, '--json', 'import', demoLlama.folder]
  const { name } = JSON.parse(execFileSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })) as {
    name: string
  }
  return { workspace, name }
}

describe.skipIf(withoutChromium)(title('the Steering page'), () => {
  let browser: Browser
  let app: ServedApp
  let model: string

  beforeAll(async () => {
    const { workspace, name } = await smallWorkspace()
    model = name
    app = await serveApp({ workspace })
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await app.stop()
    await removeWorkspace(app.workspace)
  })

  it('steers by a slider, shows what strengths do, keeps a session, and goes on when its process dies', async () => {
    const { page, problems } = await openPage(browser, app.url, { reducedMotion: 'reduce' })
    await goTo(page, 'Steering')
    await page.getByText('No SAE yet').waitFor()
    expect(await flawsIn(page, 'without an SAE', 'light')).toEqual([])
    // a session of another workspace can be read before there is its SAE
    const setup = steeringSetupSchema.parse({ sae: 'elsewhere', interventions: [], prompt: 'Far away' })
    const facts = { model: 'm', hook: 'blocks.3.hook_resid_post', features: 64, norm: 10 }
    const past: PastRun = {
      ...{ at: 1, setup, facts: { ...facts, normFrom: 'harvest', reads: 'encoder' } },
      rows: [{ interventions: [], text: ' a light shone', end: 'length' }],
    }
    const shared = {
      ...{ format: 1, kind: 'steering-session', name: 'From elsewhere', setup },
      history: [past],
    }
    await page.getByRole('button', { name: 'Sessions' }).click()
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'session.json', mimeType: 'application/json' },
      buffer: Buffer.from(JSON.stringify(shared)),
    })
    const where = section(page, 'Where to steer')
    await where.getByText('There is no SAE "elsewhere"').waitFor()
    await where.getByRole('link', { name: 'Go to the SAEs' }).waitFor()
    expect(await where.getByRole('textbox').count()).toBe(0)
    await section(page, 'Baseline').getByText('Far away').waitFor()
    // also when it was tried to write it anew
    for (const key of ['Shift', 'Enter']) {
      await page.getByRole('textbox', { name: 'Text to continue' }).press(key)
      await section(page, 'Baseline').getByText('a light shone').waitFor()
    }
    await page.reload()
    await section(page, 'Baseline').getByText('Far away').waitFor()
    // directions drawn by chance
    const metadata = { hook_name: 'blocks.3.hook_resid_post', model_name: model }
    await writeSae(join(app.workspace, 'saes', 'own'), randomSae('topk', 192, 64, { metadata }), null)
    await goTo(page, 'SAE')
    await ask(page, 'sae=own')

    // a text by itself, then a feature by its number
    await page.locator('.steering-knobs summary').click()
    await page.getByLabel('Most tokens').fill('12')
    const prompt = page.getByRole('textbox', { name: 'Text to continue' })
    await prompt.fill('The old sailor')
    await prompt.press('Enter')
    await finished(page)
    const baseline = await textOf(page, 'Baseline')
    // a preset sets knobs together, and writes anew
    const preset = page.getByRole('radiogroup', { name: 'Preset' })
    await preset.getByText('Greedy', { exact: true }).click()
    await expect.poll(() => page.getByLabel('Temperature').inputValue()).toBe('0')
    await expect.poll(() => textOf(page, 'Baseline')).not.toBe(baseline)
    await preset.getByText('Balanced', { exact: true }).click()
    await expect.poll(() => textOf(page, 'Baseline')).toBe(baseline)
    const add = page.getByRole('combobox', { name: 'Feature to steer by' })
    await add.fill('64')
    await page.getByText('There is no feature 64: this SAE has 64, counted from 0.').waitFor()
    await add.fill('5')
    await add.press('Enter')
    await expect.poll(() => written(page, 'Steered').count()).toBe(12)
    await finished(page)
    expect(await textOf(page, 'Baseline')).toBe(baseline)
    const strip = section(page, 'Strengths of feature 5')
    await strip.getByText('one batch, one seed').waitFor()
    await expect.poll(() => strip.locator('.strip-text:not(:empty)').count()).toBe(9)
    expect(await strip.getByRole('button', { pressed: true }).textContent()).toMatch(/^\+0\.50/)

    // by the keyboard: the strip is shown while the thumb moves, the text itself once it rests
    const slider = page.getByRole('slider', { name: /^Strength of feature 5/ })
    // also from a button that was clicked
    await strip.getByRole('button', { pressed: true }).press('ArrowRight')
    await expect.poll(() => slider.inputValue()).toBe('0.55')
    await slider.press('ArrowLeft')
    await slider.press('PageUp')
    for (let step = 0; step < 8; step++) await slider.press('ArrowRight')
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^\+1\.[0-9]+ × norm/)
    const strength = await slider.inputValue()
    await expect
      .poll(() => strip.getByRole('button', { pressed: true }).textContent())
      .not.toMatch(/^\+0\.50/)
    // it rests 150 ms after the last key; on a busy machine it has rested between two, too
    await page.waitForTimeout(300)
    await finished(page)
    const steered = await textOf(page, 'Steered')
    expect(steered).not.toBe(baseline)
    await section(page, 'Steered').getByTitle('From here on it is another text').waitFor()
    await slider.press('0')
    await expect.poll(() => textOf(page, 'Steered')).toBe(baseline)
    await page.keyboard.press('Control+z')
    await expect.poll(() => slider.inputValue()).toBe(strength)
    await expect.poll(() => textOf(page, 'Steered')).toBe(steered)
    // both keys that do again what was taken back
    for (const again of ['Control+y', 'Control+Shift+Z']) {
      await page.keyboard.press(again)
      await expect.poll(() => slider.inputValue()).toBe('0')
      await page.keyboard.press('Control+z')
      await expect.poll(() => slider.inputValue()).toBe(strength)
    }
    await expect.poll(() => textOf(page, 'Steered')).toBe(steered)
    // a condition that no feature can meet is said at its field
    await section(page, 'Feature 5').getByText('Exact strength, condition').click()
    await page.getByRole('switch', { name: 'Only where another feature fires' }).click()
    await section(page, 'Feature 5').getByLabel('Feature', { exact: true }).fill('64')
    await section(page, 'Feature 5').getByText('There is no feature 64: this SAE has 64').waitFor()
    // what was there before a request that fails stays
    await section(page, 'What went wrong').getByText('There is no feature 64').waitFor()
    expect(await section(page, 'Baseline').locator('.steered-tail').textContent()).toBe(baseline)
    await page.getByRole('switch', { name: 'Only where another feature fires' }).click()
    await expect.poll(() => textOf(page, 'Steered')).toBe(steered)
    await section(page, 'Steered').getByRole('group').press('ArrowRight')
    await page
      .getByText(/feature 5: /)
      .first()
      .waitFor()
    for (const scheme of ['light', 'dark'] as const) expect(await flawsIn(page, 'texts', scheme)).toEqual([])

    // what the strength does
    const sweep = section(page, 'What the strength does')
    await sweep.getByRole('textbox', { name: 'Texts for each strength' }).fill('1')
    await sweep.getByRole('button', { name: 'Sweep' }).click()
    await sweep
      .getByRole('img', { name: /^KL, perplexity, repetition and activation at 9 strengths/ })
      .waitFor()
    await sweep
      .getByText(/^(Sweet spot|No sweet spot)/)
      .first()
      .waitFor()
    for (const scheme of ['dark', 'light'] as const)
      expect(await flawsIn(page, 'a sweep', scheme)).toEqual([])

    // a session, saved and opened again
    await page.getByRole('button', { name: 'Save…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('By chance')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Saved' }).waitFor()
    await page.getByRole('button', { name: 'Add to report' }).click()
    await page.getByText('Added to the report, which has 1 entry now.').waitFor()
    // what has changed since goes into a report as a session of its own, each time, and the saved one stays
    await slider.press('0')
    await page.getByRole('button', { name: 'Save', exact: true }).waitFor()
    for (const entries of [2, 3]) {
      await page.getByRole('button', { name: 'Add to report' }).click()
      await page.getByText(`Added to the report, which has ${entries} entries now.`).waitFor()
    }
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isEnabled()).toBe(true)
    // another SAE has a desk of its own; this one's is there again behind it, and after a reload
    await ask(page, 'sae=elsewhere')
    await section(page, 'Baseline').getByText('Far away').waitFor()
    await ask(page, 'sae=own')
    await expect.poll(() => slider.inputValue()).toBe('0')
    await page.reload()
    await expect.poll(() => slider.inputValue()).toBe('0')
    await page.keyboard.press('Control+z')
    await expect.poll(() => slider.inputValue()).toBe(strength)
    await page.keyboard.press('Control+y')
    await expect.poll(() => slider.inputValue()).toBe('0')
    await page.getByRole('button', { name: 'New', exact: true }).click()
    const anew = page.getByRole('dialog', { name: 'Begin with an empty desk?' })
    await anew.getByText('What was changed since “By chance” was saved is not in it').waitFor()
    await anew.getByRole('button', { name: 'Without saving' }).click()
    await slider.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Sessions' }).click()
    const sessions = page.getByRole('dialog', { name: 'Steering sessions' })
    await sessions.getByText(/5 \+1\./).waitFor()
    await expect.poll(() => sessions.getByText('By chance: 5 0.00 (for a report)').count()).toBe(2)
    expect(await flawsIn(page, 'the sessions', 'light')).toEqual([])
    // a double click does not delete
    const removing = (name: string) => sessions.getByRole('button', { name: `Delete ${name}…`, exact: true })
    await removing('By chance').dblclick()
    await page.getByRole('dialog', { name: 'Delete the session “By chance”?' }).getByText('Cancel').click()
    await removing('By chance: 5 0.00 (for a report)').first().click()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await expect.poll(() => sessions.getByText('By chance: 5 0.00 (for a report)').count()).toBe(1)
    await sessions.getByText('By chance', { exact: true }).click()
    await expect.poll(() => slider.inputValue()).toBe(strength)
    await page.getByText('as it was kept; Enter writes it anew').waitFor()
    expect(await section(page, 'Steered').innerText()).toContain(steered.trim())
    await page.getByRole('button', { name: 'History' }).click()
    const history = page.getByRole('dialog', { name: 'History of completions' })
    await history
      .getByText(/^5 \+1\./)
      .first()
      .waitFor()
    expect(await flawsIn(page, 'the history', 'dark')).toEqual([])
    await history.getByRole('button', { name: 'Close' }).click()

    // too long for the model; then a process that dies while it writes
    await prompt.fill('sea '.repeat(600))
    await prompt.press('Enter')
    const wrong = section(page, 'What went wrong')
    await wrong.getByText('Shorten the prompt to at most 511 tokens.').waitFor()
    await prompt.fill('The old sailor')
    await page.locator('.steering-knobs summary').click()
    await page.getByLabel('Most tokens').fill('300')
    await prompt.press('Enter')
    await expect.poll(() => written(page, 'Steered').count()).toBeGreaterThan(3)
    process.kill(computePid(app, 'model'), 'SIGKILL')
    await wrong.getByText(/ended unexpectedly \(SIGKILL\)/).waitFor()
    // by itself
    await wrong.waitFor({ state: 'detached' })
    await expect.poll(() => written(page, 'Steered').count(), { timeout: 60_000 }).toBeGreaterThan(3)
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText(/ · stopped$/).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Search pages, jobs, commands' }).fill('feature 7')
    await page.getByText('Steer by feature 7').click()
    await section(page, 'Feature 7').waitFor()
    await page.getByText('Feature 7 was added to feature 5, which is on the desk.').waitFor()
    await page.getByRole('button', { name: 'Steer by 7 alone' }).click()
    await section(page, 'Feature 5').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await section(page, 'Feature 5').waitFor()
    // the thumb and the focus go to a slider that is left
    await page.getByRole('button', { name: 'Remove feature 7' }).press('Enter')
    await expect.poll(() => slider.evaluate((input) => input === document.activeElement)).toBe(true)
    await sweep.getByRole('heading', { name: 'What the strength of 5 does' }).waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })
})
