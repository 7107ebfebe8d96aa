// What a direction in the residual stream adds to the logits by itself: through the final norm's weight and the head.
// Letters: B directions, D width, V vocabulary.
import type { UsableDevice } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { Graph } from '../onnx/graph.ts'
import { cast, mul } from '../onnx/ops/elementwise.ts'
import { Session } from '../onnx/session.ts'
import { tensor } from '../onnx/tensor.ts'
import type { Checkpoint } from './checkpoint.ts'
import { PlainWeights } from './graph/weights.ts'
import { precisionOn } from './precision.ts'

export class DirectLogits {
  /** V */
  readonly vocabulary: number
  readonly #width: number
  readonly #session: Session<'logits'>

  private constructor(session: Session<'logits'>, width: number, vocabulary: number) {
    this.#session = session
    this.#width = width
    this.vocabulary = vocabulary
  }

  /** Rejects in onnxruntime's words where the device cannot hold the head. */
  static async open(checkpoint: Checkpoint, device: UsableDevice): Promise<DirectLogits> {
    const { width, vocabulary } = checkpoint.config
    const precision = precisionOn(device)
    const graph = new Graph('direct-logits')
    const weights = new PlainWeights(graph, checkpoint, { precision, looksUpNarrow: false })
    const directions = cast(graph.input('directions', 'float32', ['B', width]), precision)
    const scores = weights.head(mul(directions, weights.norm('model.norm')))
    graph.output('logits', cast(scores, 'float32'))
    const session = await Session.open(encode(graph), {
      device,
      outputs: ['logits'],
      weightsFolder: checkpoint.weightsFolder,
    })
    return new DirectLogits(session, width, vocabulary)
  }

  /** (B, D) → (B, V). The norm's division is left out: it depends on the rest of the stream, and scales all tokens alike. */
  async of(directions: Float32Array): Promise<Float32Array> {
    const B = directions.length / this.#width
    const { logits } = await this.#session.run({
      directions: tensor('float32', [B, this.#width], directions),
    })
    return logits.data as Float32Array
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}
