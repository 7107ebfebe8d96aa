// The contract's devices over the devices of this host.
import type { devicesContract, PlatformReport } from '../../shared/contract/devices.ts'
import type { Handlers } from '../../shared/contract/define.ts'
import { findDriver } from '../onnx/cuda/driver.ts'
import { libraryPlaces } from '../onnx/cuda/libraries.ts'
import { onnxruntimeVersion } from '../onnx/version.ts'
import type { Devices } from './devices.ts'

/** What a CUDA provider loads that no driver brings. */
const CUDA_LIBRARY = /^lib(cudart|cublas|cublasLt|cufft|curand|cudnn)\.so\.\d+$/

export function deviceHandlers(devices: Devices): Handlers<typeof devicesContract> {
  return {
    'devices.list': () => devices.ready(),
    'devices.watch': (_none, sink, { signal }) => {
      sink.snapshot(devices.state)
      devices.changed.listenUntil(signal, (state) => sink.delta(state))
      void devices.ready()
    },
    'devices.probe': () => devices.probeAgain(),
    'devices.choose': ({ id }) => devices.choose(id),
    'devices.platform': describePlatform,
  }
}

async function describePlatform(): Promise<PlatformReport> {
  const [driver, places] = await Promise.all([findDriver(), libraryPlaces()])
  return {
    onnxruntime: onnxruntimeVersion,
    node: process.versions.node,
    electron: 'electron' in process.versions ? process.versions.electron : null,
    gpus: driver.gpus.map(({ index, name, memory }) => ({ index, name, memory, driver: driver.version })),
    cuda: driver.cuda,
    libraries: [...places.cache.keys()].filter((name) => CUDA_LIBRARY.test(name)).sort(),
  }
}
