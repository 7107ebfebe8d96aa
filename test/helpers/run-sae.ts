// Runs rows through an SAE on the CPU.
import { encode } from '../../src/main/onnx/encode.ts'
import { cpu } from '../../src/main/onnx/device.ts'
import { Graph } from '../../src/main/onnx/graph.ts'
import { Session } from '../../src/main/onnx/session.ts'
import { tensor } from '../../src/main/onnx/tensor.ts'
import { autoencoded, saeInputs } from '../../src/main/sae/inference.ts'
import { type Sae, tensorShapes } from '../../src/main/sae/sae.ts'

/** x (B, D) → features (B, F) and reconstruction (B, D). */
export async function runSae(sae: Sae, x: Float32Array) {
  const graph = new Graph('sae')
  const inputs = saeInputs(graph, sae)
  const { features, reconstruction } = autoencoded(sae, inputs, graph.input('x', 'float32', ['B', sae.D]))
  graph.output('features', features)
  graph.output('reconstruction', reconstruction)
  const session = await Session.open(encode(graph), { device: cpu, outputs: ['features', 'reconstruction'] })
  try {
    const tensors = Object.entries(tensorShapes(sae.architecture, sae)).map(
      ([name, shape]) => [name, tensor('float32', shape, sae.tensors[name]!)] as const,
    )
    const results = await session.run({
      ...Object.fromEntries(tensors),
      x: tensor('float32', [x.length / sae.D, sae.D], x),
    })
    return {
      features: results.features.data as Float32Array,
      reconstruction: results.reconstruction.data as Float32Array,
    }
  } finally {
    await session.close()
  }
}
