// `monoscope demo`, ended by Ctrl-C in the middle: what was finished is said and kept, and the next one goes on behind it.
import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** Ends it a moment after it has said so; resolves to all it printed. */
function interruptedAt(text: string, workspace: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, '--workspace', workspace, '--json', 'demo'], { detached: true })
  const printed = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes: Buffer) => (printed.stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => {
    if (!printed.stderr.includes(text) && (printed.stderr + bytes.toString()).includes(text)) {
      setTimeout(() => process.kill(-child.pid!, 'SIGINT'), 1_000)
    }
    printed.stderr += bytes.toString()
  })
  return new Promise((resolve) => child.once('exit', () => resolve(printed)))
}

it('goes on where Ctrl-C ended it, with every figure so far said once', async () => {
  const workspace = join(await temporaryFolder(), 'workspace')
  const first = await interruptedAt('Step 2 of', workspace)
  expect(first.stderr).toMatch(/Step 1 of \d: Importing the model\n {2}import took .* parameters 3.15 M/)
  expect(JSON.parse(first.stdout)).toMatchObject({ error: { code: 'demo/skipped' } })
  const second = await interruptedAt('Step 2 of', workspace)
  expect(second.stderr).not.toContain('Step 1 of')
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[CLI, '--workspace', workspace, '--json', 'jobs'],
  ])
  const { jobs } = JSON.parse(stdout) as { jobs: { kind: string; state: string }[] }
  expect(jobs.map(({ kind }) => kind)).toEqual(['harvest', 'import'])
  // a process that has only just begun is ended by Ctrl-C itself
  expect(jobs[0]!.state).toMatch(/cancelled|interrupted/)
})
