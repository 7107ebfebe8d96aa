// The command line as scripts and people meet it: output, exit codes, attaching, killing, completion.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function monoscope(workspace: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, '--workspace', workspace, ...args],
      (error, stdout, stderr) => resolve({ code: error ? (child.exitCode ?? -1) : 0, stdout, stderr }),
    )
  })
}

async function folders() {
  const root = await temporaryFolder()
  const data = join(root, 'data')
  await mkdir(data)
  await writeFile(join(data, 'a.txt'), 'hello')
  return { workspace: join(root, 'workspace'), data }
}

/** Starts a command and resolves when what it prints contains `text`. */
async function started(workspace: string, text: RegExp, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CLI, '--workspace', workspace, ...args], { stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    const onData = (bytes: Buffer) => {
      printed += bytes.toString()
      if (text.test(printed)) resolve()
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    child.once('exit', () => reject(new Error(`ended early: ${printed}`)))
  })
  return child
}

const exited = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve))

describe('commands', () => {
  it('print one JSON object on stdout with --json', async () => {
    const { workspace, data } = await folders()
    const { code, stdout } = await monoscope(workspace, '--json', 'checksum', data)
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(stdout)).toMatchObject({
      files: 1,
      bytes: 5,
      skipped: 0,
      digest: expect.any(String) as string,
    })
    const listed = JSON.parse((await monoscope(workspace, 'jobs', '--json')).stdout) as {
      jobs: { id: string }[]
    }
    const id = listed.jobs[0]?.id ?? ''
    const shown = await monoscope(workspace, 'job', id.slice(0, 4), '--log')
    expect(shown.stdout).toContain(`Checksum ${data}: done`)
    expect(shown.stdout).toContain('Found 1 files')
    expect((await monoscope(workspace, 'delete', id)).stdout).toMatch(/^Freed \d+ B\.\n$/)
    expect((await monoscope(workspace, 'jobs')).stdout).toBe('No jobs yet.\n')
  })

  it('exit 1 with message and hint for expected errors, 2 for wrong usage', async () => {
    const { workspace } = await folders()
    const missing = await monoscope(workspace, '--json', 'checksum', '/no/such')
    expect(missing.code).toBe(1)
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'folder/unreadable' } })
    expect(missing.stderr).toMatch(/ \[folder\/unreadable\]\n.*Check that it exists/)
    for (const args of [[], ['nonsense'], ['checksum'], ['jobs', '--what'], ['serve', '--port', 'x']]) {
      expect((await monoscope(workspace, ...args)).code).toBe(2)
    }
    const usage = await monoscope(workspace, '--json', 'nonsense')
    expect(JSON.parse(usage.stdout)).toMatchObject({ error: { code: 'usage' } })
    expect((await monoscope(workspace, 'serve', '--host', '0.0.0.0')).stderr).toContain('--allow-remote')
  })

  it('show and change settings', async () => {
    const { workspace } = await folders()
    expect((await monoscope(workspace, 'settings', 'retries=5')).stdout).toContain('retries=5')
    expect(JSON.parse((await monoscope(workspace, 'settings', '--json')).stdout)).toMatchObject({
      retries: 5,
    })
    const bad = await monoscope(workspace, 'settings', 'retries=many')
    expect(bad).toMatchObject({ code: 1, stdout: '' })
    expect((await monoscope(workspace, 'settings', 'colour=red')).stderr).toContain('appearance')
  })

  it('list themselves in the help', async () => {
    const { stdout, code } = await monoscope('/unused', '--help')
    expect(code).toBe(0)
    for (const name of ['serve', 'checksum', 'jobs', 'resume', 'settings', 'completion']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
    }
  })

  it('complete in bash', async () => {
    const { stdout } = await monoscope('/unused', 'completion', 'bash')
    const script = `${stdout}
COMP_WORDS=(monoscope che); COMP_CWORD=1; _monoscope; echo "\${COMPREPLY[@]}"
COMP_WORDS=(monoscope serve --allow); COMP_CWORD=2; _monoscope; echo "\${COMPREPLY[@]}"
COMP_WORDS=(monoscope setup cu); COMP_CWORD=2; _monoscope; echo "\${COMPREPLY[@]}"`
    const bash = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
    expect(bash.stdout).toBe('checksum\n--allow-remote\ncuda\n')
    for (const shell of ['zsh', 'fish']) {
      expect((await monoscope('/unused', 'completion', shell)).stdout).toContain('checksum')
    }
  })
})

describe('two hosts', () => {
  it('share no workspace: serve is refused, commands attach to the running one', async () => {
    const { workspace, data } = await folders()
    const server = await started(workspace, /http:/, 'serve', '--no-open', '--no-demo')
    const second = await monoscope(workspace, 'serve', '--no-open', '--no-demo')
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`serve, process ${server.pid}`)
    const attached = await monoscope(workspace, '--json', 'checksum', data)
    expect(JSON.parse(attached.stdout)).toMatchObject({ files: 1 })
    server.kill('SIGTERM')
    expect(await exited(server)).toBe(0)
  })
})

describe('commands at the same time', () => {
  it('wait for each other, and one whose host others use ends with them', async () => {
    const { workspace, data } = await folders()
    const folderOf = async (bytes: number) => {
      const folder = join(data, `of-${bytes}`)
      await mkdir(folder)
      await writeFile(join(folder, 'file'), '')
      await truncate(join(folder, 'file'), bytes)
      return folder
    }
    const [short, long] = [await folderOf(4e9), await folderOf(6e9)]
    const host = monoscope(workspace, 'checksum', short)
    // it admits others once its job is under way
    await expect
      .poll(() => readFile(join(workspace, 'host.json'), 'utf8').catch(() => ''), { timeout: 30_000 })
      .toContain('http:')
    const others = ['a', 'b'].map(() => monoscope(workspace, 'jobs'))
    expect(await monoscope(workspace, 'checksum', long)).toMatchObject({ code: 0 })
    for (const { code } of await Promise.all(others)) expect(code).toBe(0)
    expect(await host).toMatchObject({ code: 0, stderr: expect.stringContaining('ends with them') as string })
    expect((await monoscope(workspace, 'jobs')).stdout).not.toMatch(/interrupted|failed/)
  }, 120_000)
})

describe('a job from the command line', () => {
  it('survives the death of its host: interrupted, its process gone, resumable to the same result', async () => {
    const { workspace, data } = await folders()
    for (let index = 0; index < 8; index++) {
      await writeFile(join(data, `large-${index}`), '')
      await truncate(join(data, `large-${index}`), 200e6)
    }
    const host = await started(workspace, /http:/, 'serve', '--no-open', '--no-demo')
    const job = monoscope(workspace, 'checksum', data)
    await expect
      .poll(async () => (await monoscope(workspace, 'jobs')).stdout, { timeout: 20_000 })
      .toMatch(/running.*Hashing/)
    host.kill('SIGKILL')
    await exited(host)
    expect((await job).code).toBe(1)
    const { jobs } = JSON.parse((await monoscope(workspace, '--json', 'jobs')).stdout) as {
      jobs: { id: string; state: string; error: { code: string } }[]
    }
    expect(jobs[0]).toMatchObject({ state: 'interrupted', error: { code: 'job/host-died' } })
    const id = jobs[0]?.id ?? ''
    const left = spawnSync('pgrep', ['-f', `job=${id}`], { encoding: 'utf8' })
    expect(left.stdout).toBe('')
    const resumed = await monoscope(workspace, '--json', 'resume', id)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ files: 9, bytes: 8 * 200e6 + 5 })
    // gigabytes are read, and several commands started
  }, 120_000)

  it('is cancelled cleanly by Ctrl-C', async () => {
    const { workspace, data } = await folders()
    await writeFile(join(data, 'large'), '')
    await truncate(join(data, 'large'), 20e9)
    // a group of its own, all of which hears it, as in a terminal
    const child = spawn(process.execPath, [CLI, '--workspace', workspace, '--json', 'checksum', data], {
      detached: true,
    })
    await expect
      .poll(async () => (await monoscope(workspace, 'jobs')).stdout, { timeout: 60_000 })
      .toMatch(/running.*Hashing/)
    process.kill(-child.pid!, 'SIGINT')
    let stdout = ''
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
    expect(await exited(child)).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'job/cancelled' } })
    expect((await monoscope(workspace, 'jobs')).stdout).toContain('cancelled')
  })
})
