// What browser tests do again and again: folders to read, starting a job, seeing its state, checking a page.
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Locator, Page } from 'playwright-core'

export interface Data {
  /** One file of five bytes. */
  readonly small: string
  /** Ten gigabytes that take no space: long enough to step in. */
  readonly large: string
  remove(): Promise<void>
}

export async function makeData(): Promise<Data> {
  const root = await mkdtemp(join(tmpdir(), 'monoscope-data-'))
  const small = join(root, 'small')
  const large = join(root, 'large')
  await mkdir(small)
  await writeFile(join(small, 'a.txt'), 'hello')
  await mkdir(large)
  for (let index = 0; index < 20; index++) {
    const file = join(large, String(index))
    await writeFile(file, '')
    await truncate(file, 500e6)
  }
  return { small, large, remove: () => rm(root, { recursive: true, force: true }) }
}

/** Starts a checksum from the form; resolves with the job's id once its page is shown. */
export async function startJob(page: Page, folder: string): Promise<string> {
  await goTo(page, 'Jobs')
  await page.getByRole('button', { name: 'Checksum a folder…' }).click()
  await page.getByLabel('Folder', { exact: true }).fill(folder)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.waitForURL(/#\/jobs\/\w+$/)
  return page.url().split('/').at(-1) ?? ''
}

export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

export function jobState(page: Page, name: string): Locator {
  return page.locator('.page-head .state', { hasText: name })
}

/** The text of the job's progress while it hashes. */
export function hashing(page: Page): Locator {
  return page.getByText(/Hashing · .* left/)
}

/** What is wrong with the page as it stands: serious findings of axe, and anything wider than the window. */
export async function flawsOf(page: Page, where: string): Promise<string[]> {
  // without a second page for the findings, which only frames from elsewhere need, it takes a third of the time
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations } = await axe.analyze()
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const found = serious.map(({ id, nodes }) => `${where}: ${id} ${nodes.map((node) => node.html).join(' ')}`)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  return overflow > 0 ? [...found, `${where}: ${overflow} pixels wider than the window`] : found
}

/** Nothing moves for ten frames: what fades in begins to a few frames after it is there. */
export async function expectNoMovement(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const seen = window as { stillFrames?: number }
    seen.stillFrames = document.getAnimations().length > 0 ? 0 : (seen.stillFrames ?? 0) + 1
    if (seen.stillFrames < 10) return false
    seen.stillFrames = 0
    return true
  })
}

/** Serious findings and overflow, in the light and wide, or in the dark and narrow. */
export async function flawsIn(page: Page, where: string, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const size = colorScheme === 'light' ? { width: 1440, height: 900 } : { width: 1024, height: 700 }
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.setViewportSize(size)
  await expectNoMovement(page)
  return flawsOf(page, `${where}, ${colorScheme}`)
}
