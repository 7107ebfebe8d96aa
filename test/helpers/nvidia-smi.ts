// Stand-ins for nvidia-smi: scripts that print what the real one prints on other machines.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

interface FakeGpu {
  readonly name: string
  /** MiB. */
  readonly memory: number | '[N/A]'
  readonly capability?: string
}

export interface FakeDriver {
  readonly version?: string
  readonly cuda?: string
  readonly gpus?: readonly FakeGpu[]
  /** Printed instead of all else, with exit code 9. */
  readonly failure?: string
}

export const fakeDrivers = {
  tooOld: {
    version: '470.82.01',
    cuda: '11.4',
    gpus: [{ name: 'Tesla T4', memory: 15109, capability: '7.5' }],
  },
  cuda12: {
    version: '550.54.15',
    cuda: '12.4',
    gpus: [{ name: 'NVIDIA GeForce RTX 4090', memory: 24564, capability: '8.9' }],
  },
  cuda13: {
    version: '580.65.06',
    cuda: '13.0',
    gpus: [{ name: 'NVIDIA GeForce RTX 4090', memory: 24564, capability: '8.9' }],
  },
  two: {
    version: '580.65.06',
    cuda: '13.0',
    gpus: [
      { name: 'NVIDIA A100-SXM4-80GB', memory: 81920, capability: '8.0' },
      { name: 'NVIDIA GeForce GTX 1080', memory: 8192, capability: '6.1' },
    ],
  },
  pascal: {
    version: '580.65.06',
    cuda: '13.0',
    gpus: [{ name: 'NVIDIA GeForce GTX 1080', memory: 8192, capability: '6.1' }],
  },
  noDevices: { failure: 'No devices were found' },
  mismatch: { failure: 'Failed to initialize NVML: Driver/library version mismatch' },
  notRunning: {
    failure:
      "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  },
  blocked: { failure: 'Failed to initialize NVML: GPU access blocked by the operating system' },
} satisfies Record<string, FakeDriver>

/** An environment like this process's whose nvidia-smi, in `folder`, says what `driver` has; null for none at all. */
export async function withDriver(folder: string, driver: FakeDriver | null): Promise<NodeJS.ProcessEnv> {
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  if (driver) {
    await writeFile(join(bin, 'nvidia-smi'), script(driver))
    await chmod(join(bin, 'nvidia-smi'), 0o755)
  }
  const { WSL_DISTRO_NAME: _, ...env } = process.env
  return { ...env, PATH: [bin, env.PATH].join(delimiter) }
}

function script({ version = '', cuda = '', gpus = [], failure }: FakeDriver): string {
  if (failure) return `#!/bin/sh\ncat <<'END'\n${failure}\nEND\nexit 9\n`
  const rows = (withCapability: boolean) =>
    gpus.map(({ name, memory, capability }, index) =>
      [index, name, memory, ...(withCapability ? [capability] : [])].join(', '),
    )
  const knows = gpus.every(({ capability }) => capability !== undefined)
  return `#!/bin/sh
case "$1" in
*compute_cap*) cat <<'END'
${knows ? rows(true).join('\n') : 'Field "compute_cap" is not a valid field to query.'}
END
exit ${knows ? 0 : 2} ;;
--query-gpu*) cat <<'END'
${rows(false).join('\n')}
END
;;
*) cat <<'END'
Mon Jun  1 12:00:00 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI ${version}              Driver Version: ${version}      CUDA Version: ${cuda}     |
|-----------------------------------------+------------------------+----------------------+
END
;;
esac
`
}
