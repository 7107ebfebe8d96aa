// Trying the demo model in Chromium: what it writes and how probable that was, and what becomes of it when things go wrong.
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { computePid, title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { expectNoMovement, flawsOf, goTo } from './steps.ts'

/** Long enough to step in before it is done. */
const LONG = '400'
const SHORT = '12'

interface Box {
  readonly box: Locator
  /** The text and the knobs, then the button. */
  run(text: string, tokens: string): Promise<void>
  /** What the model wrote, token by token. */
  readonly written: Locator
  readonly status: Locator
}

function boxOf(page: Page): Box {
  const box = page.getByRole('region', { name: 'Try it' })
  const status = box.getByRole('status')
  const written = box.getByRole('group', { name: /^The completion/ }).locator('[style]')
  const run = async (text: string, tokens: string) => {
    await box.getByRole('textbox', { name: /^A text to continue/ }).fill(text)
    await box.getByLabel('Most tokens').fill(tokens)
    await box.getByRole('button', { name: 'Continue' }).click()
  }
  return { box, run, written, status }
}

describe.skipIf(withoutChromium)(title('trying a model'), () => {
  const here = served()

  it('streams, stops, repeats itself with one seed, and looks into what was written', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Models')
    await page.getByRole('button', { name: 'Import the demo model' }).click()
    await page.getByRole('link', { name: /^Demo model/ }).click()
    const { box, run, written, status } = boxOf(page)
    await box.getByText('Knobs', { exact: true }).click()

    await run('The old sailor', SHORT)
    await status.getByText(/^12 tokens · [\d.]+ tokens\/s · as many tokens as asked for$/).waitFor()
    expect(await written.count()).toBe(12)
    const first = await written.allTextContents()
    await run('The old sailor', LONG)
    await expect.poll(() => written.count()).toBeGreaterThan(12)
    await box.getByRole('button', { name: 'Stop' }).click()
    await status.getByText(/^\d+ tokens · stopped$/).waitFor()
    const stopped = await written.allTextContents()
    expect(stopped.length).toBeLessThan(400)
    expect(stopped.slice(0, 12)).toEqual(first)
    await box.getByLabel('Precision').getByText('int4', { exact: true }).click()
    await run('The old sailor', SHORT)
    await status.getByText(/^12 tokens · [\d.]+ tokens\/s/).waitFor()
    await box.getByLabel('Precision').getByText('Full precision').click()
    await box.getByLabel('Seed').fill('1')
    await run('The old sailor', SHORT)
    await status.getByText(/^12 tokens/).waitFor()
    expect(await written.allTextContents()).not.toEqual(first)

    await written.nth(1).hover()
    await box.getByText(/· log-probability −\d+\.\d\d · token \d+$/).waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'a completion')).toEqual([])

    const whole = `The old sailor${(await written.allTextContents()).join('')}`
    await box.getByRole('button', { name: 'Analyse all of it' }).click()
    await status.getByText(/^1\d tokens · \d\.\d\d nats a token, perplexity \d+/).waitFor()
    expect(await box.getByRole('textbox', { name: 'A text to look into' }).inputValue()).toBe(whole)
    await box.getByRole('img', { name: /^Norm of the residual stream, 7 layers by 1\d tokens$/ }).waitFor()
    await box.getByRole('group', { name: /^The text/ }).press('ArrowRight')
    await box.getByRole('list', { name: 'Most probable here' }).waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'an analysis')).toEqual([])
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('says in place what is wrong, keeps what came before its process died, and goes on', async () => {
    const { page } = await here.open({
      ...{ colorScheme: 'dark', viewport: { width: 1024, height: 700 }, reducedMotion: 'reduce' },
    })
    await goTo(page, 'Models')
    await page.getByRole('link', { name: /^Demo model/ }).click()
    const { box, run, written, status } = boxOf(page)
    const alert = box.getByRole('alert')
    await box.getByText('Knobs', { exact: true }).click()
    await run('sea '.repeat(600), LONG)
    await alert.getByText('Shorten the prompt to at most 511 tokens.').waitFor()
    expect(await status.textContent()).toBe('')

    await run('The old sailor', LONG)
    await expect.poll(() => written.count()).toBeGreaterThan(2)
    process.kill(computePid(here.app, 'model'), 'SIGKILL')
    await alert.getByText('The process that ran Demo model ended unexpectedly (SIGKILL).').waitFor()
    await status.getByText(/^\d+ tokens · broken off$/).waitFor()
    expect(await written.count()).toBeGreaterThan(2)
    await expectNoMovement(page)
    expect(await flawsOf(page, 'a process that died')).toEqual([])

    // without a text it begins its own
    await run('', SHORT)
    await status.getByText(/^12 tokens · [\d.]+ tokens\/s · /).waitFor()
    expect(await alert.count()).toBe(0)

    // it is still held when another page removes it
    const held = computePid(here.app, 'model')
    const { page: other } = await here.open()
    await goTo(other, 'Models')
    await other.getByRole('link', { name: /^Demo model/ }).click()
    await other.getByRole('button', { name: 'Remove…' }).click()
    await other.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('heading', { name: 'There is no such model' }).waitFor()
    expect(() => process.kill(held, 0)).toThrow()
    await other.context().close()
    await page.context().close()
  })
})
