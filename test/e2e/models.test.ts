// The Models page in Chromium: the demo at a click, downloads in place, import by name and by drop, details, removal.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { REPOSITORY, serveHub } from '../helpers/hub.ts'
import { shardedFiles, tinyFiles, tinyGguf, writeFiles } from '../helpers/models.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { title, withoutChromium } from './app.ts'
import { type Served, served } from './served.ts'
import { expectNoMovement, flawsOf, goTo } from './steps.ts'

const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const row = (page: Page, name: string) =>
  section(page, 'In this workspace').getByRole('link', { name: new RegExp(`^${name}`) })

async function open(here: Served, options = {}) {
  const opened = await here.open(options)
  await goTo(opened.page, 'Models')
  return opened
}

describe.skipIf(withoutChromium)(title('the Models page'), () => {
  // nothing answers there, so that no test leaves this machine
  const here = served({ env: { HF_ENDPOINT: 'http://127.0.0.1:9', HF_TOKEN: '' } })

  it('offers the demo model where there is none, and shows what it is', async () => {
    const { page, problems } = await open(here)
    await page.getByText('No models yet').waitFor()
    expect(await flawsOf(page, 'no models')).toEqual([])
    await page.getByRole('button', { name: 'Import the demo model' }).click()
    await row(page, 'Demo model').click()
    await page.getByRole('heading', { name: 'Demo model', level: 1 }).waitFor()
    const architecture = section(page, 'Architecture')
    await architecture.getByText('3,148,224').waitFor()
    await architecture.getByText('6 for queries, 2 for keys and values, 32 wide').waitFor()
    await section(page, 'Hooks').getByText('blocks.L.hook_resid_post').waitFor()
    await section(page, 'Source').getByText('Apache-2.0').waitFor()
    const float32 = section(page, 'Memory').getByRole('row', { name: /^float32/ })
    await float32.getByText('12.6 MB').waitFor()
    await float32.getByText('used here').waitFor()
    await float32.getByText('fits').waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('lists the catalogue with licence, size and fit, and says what gated models need', async () => {
    const { page } = await open(here)
    const offer = section(page, 'Catalogue').getByRole('listitem').filter({ hasText: 'Llama-3.2-3B' }).first()
    await offer.getByText('gated').waitFor()
    await offer.getByText('Llama 3.2 Community License').waitFor()
    await offer.getByText('6.43 GB').waitFor()
    await offer.getByText(/^(fits|tight|too large)$/).waitFor()
    const address = await offer.getByRole('link', { name: 'Llama-3.2-3B' }).getAttribute('href')
    expect(address).toBe('https://huggingface.co/meta-llama/Llama-3.2-3B')
    await page.getByText('Gated models are given to those who accept their licence').waitFor()
    await page.getByRole('link', { name: 'settings', exact: true }).click()
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor()
    await page.context().close()
  })

  it('downloads in place: paused, resumed, and what failed says why and is discarded', async () => {
    const files = await tinyFiles()
    const weights = files['model.safetensors']!
    let held = true
    const hub = await serveHub({
      files,
      licence: 'mit',
      spoil: (request, response) => {
        if (!held || !request.url?.endsWith('model.safetensors')) return false
        response.writeHead(200, { 'content-length': weights.length, etag: '"one"' })
        response.write(weights.subarray(0, 200_000))
        return true
      },
    })
    const { page, problems } = await open(here)
    await goTo(page, 'Settings')
    const endpoint = page.getByLabel('Hub endpoint')
    await endpoint.fill(hub.url)
    await endpoint.press('Enter')
    await page.getByText('Saved', { exact: true }).waitFor()

    await goTo(page, 'Models')
    const id = page.getByLabel('Any other LLaMA model')
    await id.fill('no such id')
    await page.getByRole('button', { name: 'Download', exact: true }).click()
    await page.getByText('It is owner/name').waitFor()
    await id.fill(`https://huggingface.co/${REPOSITORY}`)
    await page.getByRole('button', { name: 'Download', exact: true }).click()
    const coming = section(page, 'In this workspace').getByRole('listitem').filter({ hasText: REPOSITORY })
    await coming.getByText(/^Downloading · /).waitFor()
    await coming.getByRole('button', { name: 'Pause' }).click()
    await coming.getByText('Paused; what has come so far is kept.').waitFor()
    held = false
    await coming.getByRole('button', { name: 'Resume' }).click()
    await row(page, 'tiny').waitFor()

    // nothing of that name there
    await page.getByRole('button', { name: 'Download SmolLM2-135M', exact: true }).click()
    const offer = section(page, 'Catalogue').getByRole('listitem').filter({ hasText: 'Try again' })
    await offer.getByText(/^There is no model HuggingFaceTB\/SmolLM2-135M/).waitFor()
    expect(await flawsOf(page, 'a download that failed')).toEqual([])
    await offer.getByRole('button', { name: 'Discard…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
    await page.getByText(/^Discarded; that freed/).waitFor()
    await page.getByRole('button', { name: 'Download SmolLM2-135M', exact: true }).waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('imports a GGUF file that was looked for, and a folder by link; removal says what it frees and leaves links alone', async () => {
    const folder = await temporaryFolder()
    await cp(tinyGguf, join(folder, 'small.gguf'))
    await writeFiles(join(folder, 'a folder'), await shardedFiles())
    const { page, problems } = await open(here)
    await page.getByRole('button', { name: 'Import…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import a model' })
    await dialog.getByRole('textbox', { name: 'Path' }).fill(folder)
    await dialog.getByRole('button', { name: 'Choose a folder or a file' }).click()
    const chooser = page.getByRole('dialog', { name: 'Choose a folder or a file' })
    await chooser.getByRole('button', { name: 'small.gguf' }).click()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'choosing a file')).toEqual([])
    await chooser.getByRole('button', { name: 'Choose this file' }).click()
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await row(page, 'small').waitFor()

    for (const outcome of ['a folder is here.', 'The workspace has this model already, as a folder.']) {
      await page.getByRole('button', { name: 'Import…' }).click()
      await dialog.getByRole('textbox', { name: 'Path' }).fill(join(folder, 'a folder'))
      await dialog.getByRole('checkbox', { name: 'Link' }).check()
      await dialog.getByRole('button', { name: 'Import', exact: true }).click()
      await page.getByText(outcome).waitFor()
    }
    await row(page, 'a folder').getByText('linked').waitFor()
    await row(page, 'a folder').click()
    await page.getByRole('button', { name: 'Remove…' }).click()
    await page.getByText('Only the link is removed').waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'removing a link')).toEqual([])
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText(/^Removed; that freed 1\.\d+ kB\.$/).waitFor()

    await row(page, 'small').click()
    await page.getByRole('button', { name: 'Rename…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Small one')
    await page.getByRole('button', { name: 'Rename', exact: true }).click()
    await page.getByRole('heading', { name: 'Small one', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Remove…' }).click()
    await page.getByText(/which frees 1\.\d+ MB/).waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('takes a drop: a browser keeps the path to itself, and the page says so', async () => {
    const { page } = await open(here)
    const drop = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['GGUF'], 'model.gguf'))
      return transfer
    })
    await page.locator('.models').dispatchEvent('dragover', { dataTransfer: drop })
    await page.getByText('Drop a model’s folder or a .gguf file to import it').waitFor()
    await page.locator('.models').dispatchEvent('drop', { dataTransfer: drop })
    await page.getByText('A browser does not tell where a dropped file lies.').waitFor()
    await page.getByText('Drop a model’s folder').waitFor({ state: 'hidden' })
    await page.context().close()
  })

  it.each([
    ['light', 1440, 900],
    ['dark', 1024, 700],
  ] as const)('can be read, in %s at %i × %i', async (colorScheme, width, height) => {
    const { page } = await open(here, {
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
    })
    await section(page, 'Catalogue').getByText('fits').first().waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'models')).toEqual([])
    await row(page, 'Demo model').click()
    await section(page, 'Memory').getByText('fits').first().waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'a model')).toEqual([])
    await page.context().close()
  })
})
