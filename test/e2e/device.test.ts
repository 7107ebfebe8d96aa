// The Device page in Chromium: what works and why not, what helps, the choice, and the benchmark.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { tinyElf } from '../helpers/elf.ts'
import { fakeDrivers, withDriver } from '../helpers/nvidia-smi.ts'
import { serveFeed } from '../helpers/nupkg.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { packageWith } from '../main/compute/cuda-machine.ts'
import { openPage, removeWorkspace, serveApp, title, withoutChromium } from './app.ts'
import { served } from './served.ts'
import { expectNoMovement, flawsOf, goTo } from './steps.ts'

const device = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

describe.skipIf(withoutChromium)(title('the Device page'), () => {
  const here = served()

  it('lists the CPU with its checks, and says why WebGPU cannot be used and what helps', async () => {
    const { page, problems } = await here.open()
    await goTo(page, 'Device')
    const cpu = device(page, 'CPU')
    await cpu.getByText('usable', { exact: true }).waitFor()
    await cpu.getByText('work runs here').waitFor()
    await cpu.getByText(/\d+ GFLOP\/s/).waitFor()
    await cpu.getByText('11 of 11 reference calculations passed').click()
    await expect.poll(() => cpu.getByRole('row').count()).toBe(12)
    expect(await cpu.getByRole('cell', { name: 'passed' }).count()).toBe(11)

    const webgpu = device(page, 'WebGPU')
    await webgpu.getByText('cannot be used').waitFor()
    await webgpu.getByText(/^(No Vulkan driver answers|The system offers WebGPU no GPU)/).waitFor()
    if (process.platform === 'linux') {
      await webgpu.getByRole('button', { name: /^Copy sudo/ }).click()
      await page.getByText('Command copied.').waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('libvulkan1')
    }
    await page.getByText('onnxruntime', { exact: true }).waitFor()
    await page.getByRole('banner').getByRole('link', { name: 'CPU', exact: true }).waitFor()

    const probed = cpu.locator('dt', { hasText: 'probed' }).locator('+ dd')
    const before = await probed.textContent()
    await webgpu.getByRole('button', { name: 'Probe again' }).click()
    await expect.poll(() => probed.textContent().catch(() => before), { timeout: 60_000 }).not.toBe(before)
    expect(problems).toEqual([])
    await page.context().close()
  })

  it('keeps the device that was chosen', async () => {
    const { page } = await here.open()
    await goTo(page, 'Device')
    const choices = page.getByRole('radiogroup', { name: 'Heavy work runs on' })
    expect(await choices.getByRole('radio', { name: 'Auto' }).isChecked()).toBe(true)
    expect(await choices.getByRole('radio', { name: 'WebGPU' }).count()).toBe(0)
    const isChosen = (name: string) =>
      expect.poll(() => choices.getByRole('radio', { name }).isChecked(), { timeout: 30_000 }).toBe(true)
    await choices.getByRole('radio', { name: 'CPU' }).click()
    await isChosen('CPU')
    await page.reload()
    await isChosen('CPU')
    await choices.getByRole('radio', { name: 'Auto' }).click()
    await isChosen('Auto')
    await page.context().close()
  })

  it('runs the benchmark as a job, and has its numbers after a reload too', async () => {
    const { page, problems } = await here.open()
    await goTo(page, 'Device')
    const benchmark = device(page, 'Benchmark')
    await benchmark.getByText(/^Not measured yet/).waitFor()
    await benchmark.getByRole('button', { name: 'Benchmark' }).click()
    await benchmark.getByText(/Measuring · /).waitFor()
    const row = benchmark.getByRole('row').filter({ hasText: 'float32' })
    await row.getByRole('rowheader', { name: 'CPU' }).waitFor()
    await page.reload()
    await row.getByRole('rowheader', { name: 'CPU' }).waitFor()
    await benchmark.getByRole('link', { name: 'open the job' }).click()
    await page.getByRole('heading', { name: 'Benchmark all devices', level: 1 }).waitFor()
    expect(problems).toEqual([])
    await page.context().close()
  })

  it.each([
    ['light', 1440, 900],
    ['dark', 1024, 700],
  ] as const)('can be read, in %s at %i × %i', async (colorScheme, width, height) => {
    const { page } = await here.open({
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
    })
    await goTo(page, 'Device')
    await page.getByText('11 of 11 reference calculations passed').click()
    await device(page, 'Benchmark').getByRole('table').waitFor()
    await expectNoMovement(page)
    expect(await flawsOf(page, 'devices')).toEqual([])
    await page.getByRole('button', { name: 'Probe all again' }).click()
    await page.getByText('being probed').waitFor()
    await page.getByText('being probed').waitFor({ state: 'hidden' })
    expect(await flawsOf(page, 'devices probed again')).toEqual([])
    await page.context().close()
  })

  it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
    'sets CUDA up at a click, and names the commands that bring what is missing',
    async () => {
      const root = await temporaryFolder()
      const { feed } = await serveFeed(packageWith(tinyElf(['libcudart.so.12', 'libcublas.so.12'])))
      const machine = await serveApp({
        env: {
          ...(await withDriver(root, fakeDrivers.cuda12)),
          HOME: root,
          XDG_CACHE_HOME: join(root, 'cache'),
          MONOSCOPE_RUNTIME: join(root, 'runtime'),
          MONOSCOPE_NUGET_FEED: feed,
        },
      })
      const { page, problems } = await openPage(here.browser, machine.url)
      await goTo(page, 'Device')
      await page.getByText('onnxruntime’s CUDA provider is not installed.').waitFor()
      await page.getByRole('button', { name: 'Set up CUDA' }).click()
      const setUp = device(page, 'CUDA set-up')
      await setUp.getByText(/^Libraries are missing: libcudnn\.so\.9/).waitFor()
      await setUp.getByRole('button', { name: /^Copy pip install nvidia-cudnn-cu12/ }).waitFor()
      // the device was probed again by itself, with the provider that is in place now
      await page.getByText(/^The CUDA provider needs lib/).waitFor()
      expect(await flawsOf(page, 'CUDA set-up')).toEqual([])
      expect(problems).toEqual([])
      await page.context().close()
      await machine.stop()
      await removeWorkspace(machine.workspace)
    },
  )
})
