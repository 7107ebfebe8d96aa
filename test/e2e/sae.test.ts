// The SAE pages in Chromium: a training from the form, its curves, export, import, comparison and removal.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { smallHarvest } from '../helpers/small-harvest.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { flawsOf, goTo } from './steps.ts'

const small = { Width: '64', k: '4', Tokens: '400000', Batch: '128' }

async function fill(form: Locator, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(values)) {
    await form.getByLabel(label, { exact: true }).fill(value)
  }
}

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

describe.skipIf(withoutChromium)(title('the SAE pages'), () => {
  const here = served()

  beforeAll(async () => {
    await smallHarvest(join(here.app.workspace, 'harvests', 'small'), { rows: 20_000 })
  })

  it('have numbers that stay as they are typed, and say at once what is wrong with them', async () => {
    const { page, problems } = await here.open()
    await page.goto(`${new URL(here.app.url).origin}/#/sae?form=true`)
    const form = section(page, 'New SAE')
    const needs = form.getByRole('complementary', { name: 'What it needs' })
    const width = form.getByLabel('Width', { exact: true })
    const tokens = form.getByLabel('Tokens', { exact: true })
    const rate = form.getByLabel('Learning rate')
    const wrong = (field: Locator) => field.getAttribute('aria-invalid')
    await form.getByLabel('Harvest', { exact: true }).fill('small')
    expect(await tokens.inputValue()).toBe('2,000,000')

    // an emptied field does not fill itself, until it is left
    await width.press('Control+a')
    await width.press('Backspace')
    await width.pressSequentially('768')
    expect(await width.inputValue()).toBe('768')
    await tokens.fill('')
    await tokens.blur()
    expect(await tokens.inputValue()).toBe('2,000,000')

    await tokens.fill('400k')
    await rate.fill('.0003')
    await rate.blur()
    expect([await tokens.inputValue(), await rate.inputValue()]).toEqual(['400k', '.0003'])
    await needs.getByText(/^98 of 4,096 rows/).waitFor()
    await rate.fill('1e-4')
    expect([await rate.inputValue(), await wrong(rate)]).toEqual(['1e-4', null])

    await rate.fill('-5')
    await form.getByText('It must be more than 0.').waitFor()
    expect(await wrong(rate)).toBe('true')
    // a harvest is named: what is wrong is the rate
    await needs.getByText('Correct the field “Learning rate” to see memory, steps and time.').waitFor()
    await rate.fill('1e-4')
    await tokens.fill('20q')
    await tokens.blur()
    await form.getByText('“20q” is no number').waitFor()
    expect(await tokens.inputValue()).toBe('20q')
    expect(await flawsOf(page, 'a number that is none')).toEqual([])
    await form.getByRole('button', { name: 'Start' }).click()
    expect(page.url()).toMatch(/#\/sae\?/)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('train one from the form, draw its curves as they come, and delete it with what that frees', async () => {
    const { page, problems } = await here.open()
    await goTo(page, 'SAE')
    await page.getByText('No SAEs yet').waitFor()
    expect(await flawsOf(page, 'no SAEs')).toEqual([])
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await fill(form, { Harvest: 'small', ...small })
    expect(await flawsOf(page, 'the form')).toEqual([])
    // a preset keeps the harvest
    await form.getByRole('button', { name: 'LLaMA-3.2-3B × 65,536' }).click()
    await expect.poll(() => form.getByLabel('Width', { exact: true }).inputValue()).toBe('65,536')
    expect(await form.getByLabel('Harvest', { exact: true }).inputValue()).toBe('small')
    const needs = form.getByRole('complementary', { name: 'What it needs' })
    await needs.getByText('122 k of 4,096 rows').waitFor()
    // too wide for any tensor: what is offered instead is taken, and fits
    await form.getByLabel('Width', { exact: true }).fill('99000000')
    await needs.getByRole('button', { name: /^Take a width of / }).click()
    await expect.poll(() => form.getByLabel('Width', { exact: true }).inputValue()).toMatch(/^\d{2,3},\d{3}$/)
    expect(await flawsOf(page, 'what a training needs')).toEqual([])
    await fill(form, small)
    await form.getByRole('button', { name: 'Start' }).click()
    const curves = section(page, 'Curves')
    await curves.getByRole('img', { name: 'Unexplained variance' }).locator('canvas').waitFor()
    await page.locator('.page-head .state', { hasText: 'ready' }).waitFor({ timeout: 60_000 })
    await section(page, 'Facts').getByText('64 features over 16 directions').waitFor()
    await section(page, 'Facts').getByText('of the variance unexplained (').waitFor()
    await section(page, 'Sparsity doctor').getByText('nothing found').waitFor()
    await curves.getByRole('img', { name: 'Features by density' }).waitFor()
    await curves.getByRole('switch', { name: 'Log axis' }).click()
    const [csv] = await Promise.all([
      page.waitForEvent('download'),
      curves.getByRole('button', { name: 'Save CSV' }).click(),
    ])
    expect(csv.suggestedFilename()).toMatch(/\.csv$/)
    // every step, whatever is drawn
    const lines = (await readFile(await csv.path(), 'utf8')).split('\n')
    expect(lines.filter((line) => line.split(',')[1] === 'l0')).toHaveLength(3_125)
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      curves.getByRole('button', { name: 'PNG of L0' }).click(),
    ])
    expect(picture.suggestedFilename()).toMatch(/ L0\.png$/)
    expect(await flawsOf(page, 'a trained SAE')).toEqual([])
    await section(page, 'Checkpoints').getByRole('rowheader', { name: '3,125' }).waitFor()

    const trained = page.url()
    const out = join(here.app.workspace, 'exported')
    await page.getByRole('button', { name: 'Export…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Export topk × 64' })
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(out)
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    await section(page, 'Work on it')
      .getByText(/^exported, /)
      .waitFor()
    expect(await readdir(out)).toContain('sae_weights.safetensors')
    expect(await flawsOf(page, 'an exported SAE')).toEqual([])

    await goTo(page, 'SAE')
    await page.getByRole('button', { name: 'Import…' }).click()
    const importing = page.getByRole('dialog', { name: 'Import an SAE' })
    await importing.getByRole('textbox', { name: 'Folder' }).fill(out)
    await importing.getByRole('textbox', { name: 'Name' }).fill('From afar')
    await importing.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByRole('heading', { name: 'From afar', level: 1 }).waitFor()
    await section(page, 'Facts').getByText(`${out} (SAELens)`).waitFor()
    // its curves came along, and those of the first can be laid over them
    await curves.getByRole('img', { name: 'L0' }).locator('canvas').waitFor()
    await curves.getByPlaceholder('Lay over other runs…').click()
    await page.getByRole('option', { name: 'topk × 64' }).click()
    await page.keyboard.press('Escape')
    await curves.locator('.run', { hasText: 'topk × 64' }).waitFor()
    expect(await flawsOf(page, 'two runs laid over each other')).toEqual([])

    await goTo(page, 'SAE')
    const list = section(page, 'SAEs')
    await list.getByRole('checkbox').nth(1).waitFor()
    for (const box of await list.getByRole('checkbox').all()) await box.check()
    await list.getByRole('button', { name: 'Compare' }).click()
    const table = section(page, 'Settings and figures')
    await table.getByRole('columnheader', { name: 'From afar' }).waitFor()
    await table.getByRole('rowheader', { name: 'Unexplained variance' }).waitFor()
    await table.getByText('What differs in how they were trained: nothing').waitFor()
    await curves.locator('.run', { hasText: 'From afar' }).waitFor()
    expect(await flawsOf(page, 'a comparison')).toEqual([])
    await table.getByRole('link', { name: 'From afar' }).click()
    await page.getByRole('heading', { name: 'From afar', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Deleted; that freed').first().waitFor()
    await page.goto(trained)
    await page.getByRole('button', { name: 'Delete…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByText('Deleted; that freed').first().waitFor()
    await page.getByText('No SAEs yet').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('say why a training cannot be', async () => {
    const { page } = await here.open({
      colorScheme: 'dark',
      viewport: { width: 1024, height: 700 },
    })
    await goTo(page, 'SAE')
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await form.getByLabel('Harvest', { exact: true }).fill('nowhere')
    await page.getByText('There is no harvest "nowhere".').first().waitFor()
    await expect.poll(() => form.getByRole('button', { name: 'Start' }).isDisabled()).toBe(true)
    expect(await flawsOf(page, 'a training that failed')).toEqual([])
    await page.context().close()
  })

  it('train several side by side, and show of each what it is one of', async () => {
    const { page, problems } = await here.open()
    await goTo(page, 'SAE')
    await page.getByRole('button', { name: 'Train an SAE…' }).first().click()
    const form = section(page, 'New SAE')
    await form.getByLabel('Harvest', { exact: true }).fill('small')
    await form.getByLabel('Width', { exact: true }).fill('64')
    await form.getByLabel('Tokens', { exact: true }).fill('20000')
    await form.getByLabel('Batch', { exact: true }).fill('128')
    await form.getByLabel('Sweep', { exact: true }).fill('k=2,4')
    await form.getByRole('button', { name: 'Start' }).click()
    const sweep = section(page, 'Sweep')
    await sweep.getByText('One of 2 trained side by side: k=2,4').waitFor()
    await page.getByRole('heading', { name: 'topk × 64, k = 2' }).waitFor()
    await sweep.getByText(/unexplained · L0 2/).waitFor({ timeout: 60_000 })
    expect(await flawsOf(page, 'one of a sweep')).toEqual([])
    await sweep.getByRole('link', { name: /-2$/ }).click()
    await page.getByRole('heading', { name: 'topk × 64, k = 4' }).waitFor()
    await sweep.getByText('this one').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })
})
