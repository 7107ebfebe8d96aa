// The environment compute processes start in: the host's, with the folders of the CUDA libraries for their loader.
import { cudaLibraryFolders, libraryPath } from '../onnx/cuda/runtime.ts'

/** Asked for at each start: the loader reads it once, and CUDA may have been set up since the host began. */
export function computeEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, ...libraryPath(cudaLibraryFolders()) }
}
