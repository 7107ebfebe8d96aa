// Which packages bring a missing CUDA library, as apt, dnf, conda and pip name them.

export interface Commands {
  readonly apt: string
  readonly dnf: string
  readonly conda: string
  readonly pip: string
}

interface Names {
  /** NVIDIA's repositories for apt and dnf use one name; "{}" is the CUDA version, "13-0". */
  readonly system: string
  readonly conda: string
  /** Without what tells the CUDA version. */
  readonly pip: string
}

const names: Readonly<Record<string, Names>> = {
  libcudart: { system: 'cuda-cudart-{}', conda: 'cuda-cudart', pip: 'nvidia-cuda-runtime' },
  libcublas: { system: 'libcublas-{}', conda: 'libcublas', pip: 'nvidia-cublas' },
  libcublasLt: { system: 'libcublas-{}', conda: 'libcublas', pip: 'nvidia-cublas' },
  libcufft: { system: 'libcufft-{}', conda: 'libcufft', pip: 'nvidia-cufft' },
  libcurand: { system: 'libcurand-{}', conda: 'libcurand', pip: 'nvidia-curand' },
  libcusparse: { system: 'libcusparse-{}', conda: 'libcusparse', pip: 'nvidia-cusparse' },
  libnvrtc: { system: 'cuda-nvrtc-{}', conda: 'cuda-nvrtc', pip: 'nvidia-cuda-nvrtc' },
  libnvJitLink: { system: 'libnvjitlink-{}', conda: 'libnvjitlink', pip: 'nvidia-nvjitlink' },
}

/** The minor version named where the driver allows any: the last of 12; of 13 the first, which each driver for 13 runs. */
const MINOR: Readonly<Record<number, number>> = { 12: 9, 13: 0 }

/**
 * One command for each package manager that installs the `missing` libraries ("libcudart.so.13") for CUDA `major`;
 * `driverCuda` ("13.1") is the newest CUDA the driver runs. Null when none of them comes in a package.
 */
export function installCommands(
  missing: readonly string[],
  major: number,
  driverCuda: string | null,
): Commands | null {
  const [driverMajor, driverMinor] = (driverCuda ?? '').split('.').map(Number)
  const minor = driverMajor === major ? driverMinor : MINOR[major]
  const system = new Set<string>()
  const conda = new Set<string>()
  const pip = new Set<string>()
  for (const library of missing) {
    const { stem = '', version = '' } = /^(?<stem>\w+)\.so\.?(?<version>\d*)/.exec(library)?.groups ?? {}
    if (stem.startsWith('libcudnn')) {
      system.add(`libcudnn${version}-cuda-${major}`)
      conda.add(`cudnn=${version}`)
      pip.add(`nvidia-cudnn-cu${major}`)
      continue
    }
    const package_ = names[stem]
    if (!package_) continue
    system.add(package_.system.replace('{}', `${major}-${minor ?? 0}`))
    conda.add(package_.conda)
    // before 13 the CUDA version is in the name; from then on the library's own is the package's
    pip.add(major < 13 ? `${package_.pip}-cu${major}` : `"${package_.pip}==${version}.*"`)
  }
  if (system.size === 0) return null
  const list = (packages: ReadonlySet<string>) => [...packages].join(' ')
  return {
    apt: `sudo apt install ${list(system)}`,
    dnf: `sudo dnf install ${list(system)}`,
    conda: `conda install -c conda-forge cuda-version=${major} ${list(conda)}`,
    pip: `pip install ${list(pip)}`,
  }
}

/** The CUDA version a library was built for: the one of the libcudart it needs; null when it needs none. */
export function cudaMajor(needed: readonly string[]): number | null {
  for (const name of needed) {
    const match = /^libcudart\.so\.(\d+)/.exec(name)
    if (match) return Number(match[1])
  }
  return null
}
