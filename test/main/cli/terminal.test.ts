// The command line between other programs: pipes, a host that does not answer, and completion in a real shell.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type JobKindId, jobKinds, kindOf } from '../../../src/shared/jobs/kinds.ts'
import { CLI } from '../../helpers/built.ts'
import { testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

function bash(script: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script, 'bash', process.execPath, CLI, ...args], (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
    )
  })
}

describe('output through a pipe', () => {
  // an error that repeats its input is an output of any size
  const long = `/${'long/'.repeat(20_000)}`

  it('is whole, however slowly it is read', async () => {
    const workspace = await temporaryFolder()
    const printed = await bash(
      '"$1" "$2" --workspace "$3" --json checksum "$4" 2>/dev/null | (sleep 1; cat)',
      workspace,
      long,
    )
    expect(printed.length).toBeGreaterThan(100_000)
    const { error } = JSON.parse(printed) as { error: { message: string } }
    expect(error.message.length).toBeGreaterThan(100_000)
  })

  it('may be left unread, as "| head" does', async () => {
    const workspace = await temporaryFolder()
    const child = spawn(process.execPath, [CLI, '--workspace', workspace, 'settings'])
    child.stdout.destroy()
    let stderr = ''
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    await new Promise((resolve) => child.once('close', resolve))
    expect(stderr).toBe('')
  })
})

describe('a running host', () => {
  it('that does not answer is named; the command does not wait for ever', async () => {
    const workspace = await temporaryFolder()
    const lock = new Database(join(workspace, 'host.lock'))
    lock.exec('BEGIN EXCLUSIVE')
    onTestFinished(() => void lock.close())
    // accepts connections and says nothing, like a process that is stopped
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const holder = {
      kind: 'serve',
      pid: process.pid,
      hostname: hostname(),
      version: '0',
      startedAt: 0,
      url,
      token: 'x',
    }
    await writeFile(join(workspace, 'host.json'), JSON.stringify(holder))
    const child = spawn(process.execPath, [CLI, '--json', '--workspace', workspace, 'jobs'])
    let stdout = ''
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'workspace/unreachable' } })
    expect(stdout).toContain(String(process.pid))
  })

  it('is used by every command, and is still there afterwards', async () => {
    const { client, workspace } = await testHost()
    const one = JSON.parse(
      await bash('"$1" "$2" --workspace "$3" --json settings retries=7', workspace),
    ) as object
    expect(one).toMatchObject({ retries: 7 })
    const description = await client.call('host.describe', undefined)
    expect(description.pid).toBe(process.pid)
  })
})

describe('commands', () => {
  const run = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' })

  it('are suggested when one is misspelt', () => {
    const { status, stderr } = run('chekcsum')
    expect(status).toBe(2)
    expect(stderr).toContain('Did you mean checksum?')
  })

  it('exist for every kind of job, with the help of its fields', () => {
    for (const kind of Object.keys(jobKinds) as JobKindId[]) {
      const { help, command = kind } = kindOf(kind)
      expect(run(...command.split(' '), '--help').stdout).toContain(help.slice(0, 40))
    }
    expect(run('--help').stdout).toMatch(/^ {2}start /m)
  })

  it('take only numbers where numbers are meant', () => {
    for (const args of [
      ['jobs', '--limit', 'ten'],
      ['jobs', '--limit', '-1'],
      ['serve', '--port', '99999'],
    ])
      expect(run(...args).status).toBe(2)
  })
})

describe('completion', () => {
  const { stdout: script } = spawnSync(process.execPath, [CLI, 'completion', 'bash'], { encoding: 'utf8' })
  const completed = (...words: string[]) => {
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const ask = `${script}\nCOMP_WORDS=(monoscope ${quoted}); COMP_CWORD=${words.length}; _monoscope; echo "\${COMPREPLY[*]}"`
    return spawnSync('bash', ['-c', ask], { encoding: 'utf8' }).stdout.trim().split(' ')
  }

  it('knows commands and flags, also behind general flags', () => {
    expect(completed('comp')).toEqual(['completion'])
    expect(completed('--json', 'comp')).toEqual(['completion'])
    expect(completed('--workspace', 'checksum', 'comp')).toEqual(['completion'])
    expect(completed('--workspace', 'w', 'serve', '--no-o')).toEqual(['--no-open'])
    expect(completed('jobs', '--')).toEqual(
      expect.arrayContaining(['--limit', '--json', '--workspace', '--help']),
    )
  })

  it('leaves values to the file names of the shell', () => {
    expect(completed('--workspace', 'c')).toEqual([''])
    expect(completed('checksum', 'c')).toEqual([''])
  })
})
