// The version of onnxruntime, without loading it.
import manifest from 'onnxruntime-node/package.json' with { type: 'json' }

export const onnxruntimeVersion: string = manifest.version
