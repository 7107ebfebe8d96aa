// The environment compute processes start in: the host's, with huge pages, and the folders of the CUDA libraries for their loader; and Node's flags.
import { cudaLibraryFolders, libraryPath } from '../onnx/cuda/runtime.ts'

const TUNABLES = 'GLIBC_TUNABLES'
const HUGE_PAGES = 'glibc.malloc.hugetlb'

/** Megabytes of new objects before they are collected: by default a job gathers a hundred of garbage, which numbers are not. */
export const computeFlags = ['--max-semi-space-size=4'] as const

/** Asked for at each start: the loader reads it once, and CUDA may have been set up since the host began. */
export function computeEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...hugePages(process.env), ...libraryPath(cudaLibraryFolders()) }
}

/**
 * Lets glibc ask Linux for pages of 2 MB. Products of one row by a matrix do little but read weights, which pages of
 * 4 kB interrupt; elsewhere nothing reads it. What the person has set for that goes before.
 */
export function hugePages(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const set = env[TUNABLES] ?? ''
  if (set.includes(HUGE_PAGES)) return {}
  return { [TUNABLES]: [...(set === '' ? [] : [set]), `${HUGE_PAGES}=1`].join(':') }
}
