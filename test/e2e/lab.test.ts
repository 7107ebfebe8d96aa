// The prompt lab in Chromium: a set that is made, a run of parallel texts, its table, scatter and heat.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { CLI } from '../helpers/built.ts'
import { demoLlama } from '../helpers/llama.ts'
import { smallPlace } from '../helpers/small-index.ts'
import { title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { flawsIn, goTo } from './steps.ts'

describe.skipIf(withoutChromium)(title('the prompt lab'), () => {
  const here = served()

  beforeAll(async () => {
    const { workspace } = here.app
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [CLI, '--workspace', workspace, '--json', ...args])
    await smallPlace(workspace)
    await run('import', demoLlama.folder, '--name', 'demo')
    await run('index', '--sae', 'chance', '--harvest', 'small')
  })

  it('makes a set, runs parallel texts, and shows a feature over them', async () => {
    const { page, problems } = await here.open({ reducedMotion: 'reduce' })
    await goTo(page, 'Prompt lab')
    await page.getByRole('button', { name: 'New set…' }).click()
    const form = page.getByRole('dialog')
    await form.getByLabel('Name').fill('Small pairs')
    await form.getByRole('switch', { name: 'In two languages' }).click()
    await form.getByLabel('Prompts in en').fill('the heart\nchest pain\nof the patient')
    await form.getByLabel('The same in es').fill('el corazón\ndolor de pecho')
    await form.getByText('every prompt needs its translation').waitFor()
    await form.getByLabel('The same in es').fill('el corazón\ndolor de pecho\ndel paciente')
    expect(await flawsIn(page, 'lab-editor', 'light')).toEqual([])
    await form.getByRole('button', { name: 'Save' }).click()

    const sets = page.getByRole('region', { name: 'Sets of prompts' })
    await sets.getByRole('button', { name: /Small pairs/, pressed: true }).waitFor()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const grid = page.getByRole('grid', { name: 'Features of the run' })
    // by its strongest token, as nobody labelled it
    await grid
      .getByRole('row')
      .nth(1)
      .getByText(/^“.+”$/)
      .waitFor()
    await grid.getByRole('row').nth(1).click()
    const heat = page.getByRole('region', { name: /^Feature \d+ over the prompts$/ })
    await expect.poll(() => heat.getByRole('group').count()).toBe(6)
    await page.getByRole('region', { name: 'Scatter' }).locator('canvas').waitFor()
    expect(await flawsIn(page, 'lab-run', 'dark')).toEqual([])
    expect(await flawsIn(page, 'lab-run', 'light')).toEqual([])

    // what there is as files, and back
    const saved = async (button: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button, exact: true }).click(),
      ])
      return file
    }
    const table = await saved('Export CSV')
    expect(table.suggestedFilename()).toBe('Small pairs.csv')
    expect(await readFile(await table.path(), 'utf8')).toMatch(/^feature,mean_all_a,/)
    const file = await saved('Export')
    await page.locator('input[type=file]').setInputFiles(await file.path())
    await expect.poll(() => sets.getByRole('button', { name: /Small pairs/ }).count()).toBe(2)

    // two sets, and one that takes longer than anybody waits
    await sets.getByRole('button', { name: /Clinical study/ }).click()
    await page.getByRole('combobox', { name: 'Contrast with' }).click()
    await page.getByRole('option', { name: 'Code' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByText('A: Clinical study · B: Code').waitFor()
    const heads = grid.getByRole('columnheader')
    expect(await heads.allInnerTexts()).toContain('mean A')
    expect(
      await heads.evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length),
    ).toBe(0)
    await sets.getByRole('button', { name: /Parallel verses/ }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    // at once: a click waits until nothing moves, and by then the run may be over
    await page.getByRole('button', { name: 'Cancel', exact: true }).dispatchEvent('click')
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
    await page.getByRole('combobox', { name: 'Saved runs' }).click()
    await page.getByRole('option', { name: /^Small pairs/ }).click()
    await grid.getByRole('row').nth(1).click()

    const number = await grid.locator('[aria-selected=true]').getByRole('gridcell').first().innerText()
    await heat.getByRole('link', { name: 'Feature page' }).click()
    await page.waitForURL(new RegExp(`/features/chance/small/${number}$`))
    expect(problems).toEqual([])
  })
})
