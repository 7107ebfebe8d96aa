// Reports in Chromium: collected with a click from a feature’s page, made, opened with its contexts, and deleted.
import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { indexesOf } from '../../src/main/features/index-folder.ts'
import { CLI } from '../helpers/built.ts'
import { smallPlace } from '../helpers/small-index.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { flawsIn, goTo } from './steps.ts'

describe.skipIf(withoutChromium)(title('the Reports page'), () => {
  const here = served()

  beforeAll(async () => {
    const { workspace } = here.app
    const { sae } = await smallPlace(workspace)
    const args = ['--workspace', workspace, '--json', 'index', '--sae', 'chance', '--harvest', 'small']
    await promisify(execFile)(process.execPath, [CLI, ...args])
    // newer, and its features cannot be read
    await cp(sae, join(workspace, 'saes', 'bare'), {
      recursive: true,
      filter: (path) => !path.startsWith(indexesOf(sae)),
    })
  })

  it('collects, makes, opens and deletes a report', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Reports')
    await page.getByText('No report yet').waitFor()
    expect(await flawsIn(page, 'no report', 'light')).toEqual([])

    await page.evaluate(() => {
      location.hash = '#/features/chance/small/3'
    })
    await page.getByRole('button', { name: 'Add to report' }).click()
    await page.getByText('Added to the report, which has 1 entry now.').waitFor()
    const context = await page.locator('.heat-text').first().innerText()
    await page.getByRole('navigation').getByText('1', { exact: true }).waitFor()
    // it is there after a reload, too
    await page.reload()
    await goTo(page, 'Reports')
    const form = page.getByRole('region', { name: 'New report' })
    await form.getByRole('list', { name: 'Contents' }).getByText('Feature 3').waitFor()
    await form.getByRole('textbox', { name: 'Features by their numbers' }).fill('5, 64')
    await form.getByText('It has features 0 to 63.').waitFor()
    await form.getByRole('textbox', { name: 'Features by their numbers' }).fill('5')
    await form.getByRole('button', { name: 'Add', exact: true }).click()
    await form.getByText('Feature 5').waitFor()
    expect(await form.getByText('topk × 64 (chance)').count()).toBe(2)
    await form.getByRole('combobox', { name: 'Add to the contents' }).click()
    expect(await page.getByRole('option', { name: /^Training of/ }).count()).toBe(2)
    // only what is indexed has features
    expect(await page.getByRole('option', { name: /strongest of/ }).count()).toBe(1)
    await page.getByRole('option', { name: /^Training of.*chance/ }).click()
    await form.getByRole('button', { name: 'Training: up' }).click()
    await form.getByRole('textbox', { name: 'Title' }).fill('By chance')
    await form.getByRole('textbox', { name: 'Notes in Markdown' }).fill('Seen **once**, <b>never</b>')
    await form.getByText('Preview').click()
    await form.locator('strong', { hasText: 'once' }).waitFor()
    await form.getByText('<b>never</b>').waitFor()
    await form.getByRole('checkbox', { name: 'CSV' }).check()
    expect(await flawsIn(page, 'a draft', 'dark')).toEqual([])
    await form.getByRole('button', { name: 'Make the report' }).click()

    const report = page.getByRole('listitem', { name: 'By chance' })
    const [tab] = await Promise.all([
      page.context().waitForEvent('page'),
      report.getByRole('button', { name: 'Open' }).click(),
    ])
    await tab.getByRole('heading', { name: 'By chance' }).waitFor()
    const words = context.trim().slice(0, 12)
    expect(await tab.locator('.contexts').first().innerText()).toContain(words)
    expect(await tab.locator('svg').count()).toBeGreaterThan(0)
    await tab.close()
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      report.getByRole('button', { name: 'Save CSV' }).click(),
    ])
    expect(saved.suggestedFilename()).toBe('By chance.csv')
    expect(await flawsIn(page, 'a report', 'dark')).toEqual([])
    // who clicks twice has not answered
    await report.getByRole('button', { name: 'Delete…' }).dblclick()
    const question = page.getByRole('dialog', { name: 'Delete the report “By chance”?' })
    await question.getByText(/^Its files are deleted, which frees .* copies that were saved/).waitFor()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'hidden' })
    await report.getByRole('button', { name: 'Delete…' }).click()
    await question.getByRole('button', { name: 'Delete' }).dblclick()
    await page.getByText(/^Deleted; that freed/).waitFor()
    await report.waitFor({ state: 'detached' })
    expect(problems).toEqual([])
  })
})
