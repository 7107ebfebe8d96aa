// Entry of the process that tries one execution provider: a session that adds a number to itself, nothing left out.
import process from 'node:process'
import { useRuntime } from './runtime.ts'

/** An ONNX graph of one node, y = Add(x, x), float32 (1), opset 18. */
const ADD = 'CAg6NQoOCgF4CgF4EgF5IgNBZGQSAWdaDwoBeBIKCggIARIECgIIAWIPCgF5EgoKCAgBEgQKAggBQgIQEg=='

async function tryProvider(provider: string): Promise<string | null> {
  useRuntime()
  try {
    const { InferenceSession, Tensor } = await import('onnxruntime-node')
    const session = await InferenceSession.create(Buffer.from(ADD, 'base64'), {
      executionProviders: [provider],
      enableCpuMemArena: false,
      ...(provider !== 'cpu' && { extra: { session: { disable_cpu_ep_fallback: '1' } } }),
    })
    const { y } = await session.run({ x: new Tensor('float32', [21], [1]) })
    return y?.data[0] === 42 ? null : `It adds 21 and 21 up to ${String(y?.data[0])}.`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const error = await tryProvider(process.argv[2] ?? 'cpu')
process.send?.({ error }, () => process.exit())
