// The version of onnxruntime, without loading it.
import { createRequire } from 'node:module'

// builds drop the attribute that an import of JSON needs
const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }

export const onnxruntimeVersion = version
