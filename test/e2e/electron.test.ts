// The desktop app in Electron itself, wherever its program and a display are.
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron } from 'playwright-core'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'node_modules', 'electron')
const pathFile = join(folder, 'path.txt')
const program = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : ''
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
const here = existsSync(program) && hasDisplay
const title = here
  ? 'the app in Electron'
  : 'the app in Electron (skipped: Electron is not here, or no display)'

describe.skipIf(!here)(title, () => {
  it('opens its window and runs a job', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'monoscope-electron-'))
    const app = await _electron.launch({
      executablePath: program,
      args: [root, '--workspace', workspace, '--no-demo'],
    })
    try {
      const page = await app.firstWindow()
      await page.getByText('No jobs yet').waitFor()
      expect(await page.title()).toBe('Jobs · Monoscope')
      await page.getByRole('button', { name: 'Checksum a folder…' }).first().click()
      await page.getByLabel('Folder', { exact: true }).fill(join(root, 'src'))
      await page.getByRole('button', { name: 'Start' }).click()
      await page.locator('.page-head .state', { hasText: 'done' }).waitFor()
    } finally {
      await app.close()
      await rm(workspace, { recursive: true, force: true })
    }
  })
})
