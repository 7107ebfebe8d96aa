// What nvidia-smi says of the NVIDIA driver and its GPUs, and whether that is enough for a CUDA version.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export interface Gpu {
  readonly index: number
  readonly name: string
  /** Bytes; null where the driver does not tell. */
  readonly memory: number | null
  /** "8.9"; null where the driver is too old to tell. */
  readonly computeCapability: string | null
}

export interface Problem {
  /** One sentence: what is wrong. */
  readonly message: string
  /** One sentence: what to do. */
  readonly hint: string
}

export interface Driver {
  /** "580.65.06"; null when there is none that answers. */
  readonly version: string | null
  /** The newest CUDA it runs, "13.0"; null when unknown. */
  readonly cuda: string | null
  readonly gpus: readonly Gpu[]
  /** Why no GPU can be used; null when there is one. */
  readonly problem: Problem | null
}

type Environment = Readonly<Record<string, string | undefined>>

/** The oldest driver and the oldest GPU (compute capability) for each CUDA version. */
const REQUIRED: Readonly<Record<number, { driver: number; capability: number; gpu: string }>> = {
  12: { driver: 525, capability: 5, gpu: 'Maxwell (GTX 900)' },
  13: { driver: 580, capability: 7.5, gpu: 'Turing (RTX 2000, GTX 1600)' },
}
/** WSL's own copy, which is not always on the PATH. */
const WSL_COMMAND = '/usr/lib/wsl/lib/nvidia-smi'
/** Milliseconds; nvidia-smi hangs with some broken drivers. */
const PATIENCE = 30_000
const MEBIBYTE = 1024 * 1024

/** Asks nvidia-smi; never throws. */
export async function findDriver(env: Environment = process.env): Promise<Driver> {
  const wsl = await isWsl(env)
  const none = (problem: Problem): Driver => ({ version: null, cuda: null, gpus: [], problem })
  for (const command of wsl ? ['nvidia-smi', WSL_COMMAND] : ['nvidia-smi']) {
    const seen = await run(command, [], env)
    if (seen.missing) continue
    if (!seen.ok) return none(explainFailure(seen.text, wsl))
    const gpus = await listGpus(command, env)
    const version = /Driver Version:\s*([\d.]+)/.exec(seen.text)?.[1] ?? null
    const cuda = /CUDA(?: \w+)? Version:\s*(\d+\.\d+)/.exec(seen.text)?.[1] ?? null
    const problem = gpus.length > 0 ? null : noGpu
    return { version, cuda, gpus, problem }
  }
  return none(notInstalled(wsl))
}

/** Why this driver or these GPUs do not run CUDA `major`; null when they do, as far as can be told. */
export function driverProblem({ version, cuda, gpus, problem }: Driver, major: number): Problem | null {
  if (problem) return problem
  const required = REQUIRED[major]
  const tooOld = cuda
    ? Number.parseInt(cuda) < major
    : required && Number.parseInt(version ?? '') < required.driver
  if (tooOld) {
    const atLeast = required ? `driver ${required.driver} or newer` : 'a newer driver'
    const runs = cuda ? `runs CUDA up to ${cuda}` : 'is older'
    return {
      message: `The NVIDIA driver ${version ?? ''} ${runs}; this build needs CUDA ${major}.`,
      hint: `Install ${atLeast}, restart, and run this again.`,
    }
  }
  if (
    required &&
    gpus.every(({ computeCapability }) => Number(computeCapability ?? NaN) < required.capability)
  ) {
    return {
      message: `No GPU here runs CUDA ${major}, which begins with ${required.gpu}.`,
      hint: 'WebGPU and the processor work without CUDA.',
    }
  }
  return null
}

const noGpu: Problem = {
  message: 'The NVIDIA driver is there, but it sees no GPU.',
  hint: 'In a container, start it with its GPUs (--gpus all); else check that the card sits well and is switched on.',
}

function notInstalled(wsl: boolean): Problem {
  return {
    message: 'No NVIDIA driver was found (there is no nvidia-smi).',
    hint: wsl
      ? 'Install the NVIDIA driver in Windows, not inside WSL, then run "wsl --shutdown".'
      : 'With an NVIDIA GPU, install its driver and restart; other GPUs are used through WebGPU.',
  }
}

function explainFailure(text: string, wsl: boolean): Problem {
  if (/version mismatch/i.test(text)) {
    return { message: 'The NVIDIA driver was updated while it was running.', hint: 'Restart the machine.' }
  }
  if (/no devices were found/i.test(text)) return noGpu
  if (wsl || /blocked by the operating system/i.test(text)) {
    return {
      message: `The NVIDIA driver does not answer inside WSL: ${firstLine(text)}`,
      hint: 'Update the NVIDIA driver in Windows and WSL itself ("wsl --update"), then run "wsl --shutdown".',
    }
  }
  if (/couldn.t communicate/i.test(text)) {
    return {
      message: 'The NVIDIA driver is installed, but not running.',
      hint: 'Restart; after a new kernel, reinstall the driver; with Secure Boot, enrol its key.',
    }
  }
  return {
    message: `nvidia-smi fails: ${firstLine(text)}`,
    hint: 'Run nvidia-smi in a terminal; once it lists the GPU, run this again.',
  }
}

async function listGpus(command: string, env: Environment): Promise<Gpu[]> {
  const format = '--format=csv,noheader,nounits'
  let { ok, text } = await run(command, ['--query-gpu=index,name,memory.total,compute_cap', format], env)
  // drivers before 470 do not know the last column
  if (!ok) ({ ok, text } = await run(command, ['--query-gpu=index,name,memory.total', format], env))
  if (!ok) return []
  return text.split('\n').flatMap((line) => {
    const match = /^(\d+), (.+?), ([^,]+?)(?:, ([^,]+))?$/.exec(line.trim())
    if (!match) return []
    const [, index = '', name = '', memory = '', capability = ''] = match
    return {
      index: Number(index),
      name,
      memory: /^\d+$/.test(memory) ? Number(memory) * MEBIBYTE : null,
      computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
    }
  })
}

function run(
  command: string,
  args: readonly string[],
  env: Environment,
): Promise<{ ok: boolean; missing: boolean; text: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...env, LC_ALL: 'C' }, timeout: PATIENCE, killSignal: 'SIGKILL' } as const
    execFile(command, args, options, (error, stdout, stderr) => {
      const missing = error?.code === 'ENOENT' || error?.code === 'EACCES'
      const silent = error?.killed ? `It did not answer within ${PATIENCE / 1000} s.` : ''
      resolve({ ok: error === null, missing, text: silent || `${stdout}\n${stderr}`.trim() })
    })
  })
}

async function isWsl(env: Environment): Promise<boolean> {
  if (env.WSL_DISTRO_NAME !== undefined) return true
  const release = await readFile('/proc/sys/kernel/osrelease', 'utf8').catch(() => '')
  return /microsoft/i.test(release)
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n')
  return line === '' ? 'it says nothing.' : line.trim()
}
