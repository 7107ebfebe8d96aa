// A graph as the bytes of an ONNX model (opset 18: later ones lose kernels on CUDA and WebGPU).
import { create, toBinary } from '@bufbuild/protobuf'
import type { Shape } from './dims.ts'
import { dtypes } from './dtype.ts'
import type { Attribute, Graph, Node, Value, Weights } from './graph.ts'
import {
  AttributeProto_AttributeType as Kind,
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './proto/onnx_pb.js'

/** The largest model onnxruntime accepts; weights beyond it must stay in files. */
const LIMIT = 2 ** 31 - 1

export function encode(graph: Graph): Uint8Array {
  const held = graph.weights.reduce((total, { data }) => total + ('file' in data ? 0 : data.byteLength), 0)
  if (held > LIMIT) {
    throw new Error(`The graph "${graph.name}" holds ${held} bytes of weights; leave them in a file.`)
  }
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'monoscope',
      opsetImport: [
        { domain: '', version: 18n },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: graphProto(graph),
    }),
  )
}

function graphProto(graph: Graph, used = usedBy(graph)): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes
      .filter((node) => node.outputs.some((output) => used.has(output)))
      .map((node) => nodeProto(node, used)),
    initializer: graph.weights.filter(({ value }) => used.has(value)).map(weightsProto),
    input: graph.inputs.map(valueInfo),
    output: graph.outputs.map(valueInfo),
  })
}

/** Every value the outputs depend on: gradients of inputs nobody asked for, for one, are not among them. */
function usedBy(graph: Graph): Set<Value> {
  const used = new Set<Value>()
  const todo = [...graph.outputs]
  for (let value = todo.pop(); value; value = todo.pop()) {
    if (used.has(value)) continue
    used.add(value)
    const { node } = value
    if (!node) continue
    for (const input of node.inputs) if (input) todo.push(input)
    for (const body of Object.values(node.bodies)) todo.push(...body.outputs)
  }
  return used
}

function nodeProto(node: Node, used: Set<Value>) {
  return create(NodeProtoSchema, {
    opType: node.op,
    domain: node.domain,
    name: node.outputs[0]?.name ?? node.op,
    // an optional input that is left out has no name; those at the end are left away
    input: node.inputs.slice(0, node.inputs.findLastIndex(Boolean) + 1).map((value) => value?.name ?? ''),
    output: node.outputs.map((value) => value.name),
    attribute: [
      ...Object.entries(node.attributes).map(([name, value]) => attributeProto(name, value)),
      ...Object.entries(node.bodies).map(([name, body]) =>
        create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: graphProto(body, used) }),
      ),
    ],
  })
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) })
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode(value) })
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float })
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) })
}

function weightsProto({ value, data }: Weights): TensorProto {
  const facts = {
    name: value.name,
    dataType: dtypes[value.dtype].code,
    dims: value.shape.map((size) => BigInt(size)),
  }
  if (!('file' in data)) {
    return create(TensorProtoSchema, {
      ...facts,
      rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    })
  }
  return create(TensorProtoSchema, {
    ...facts,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: data.file },
      { key: 'offset', value: String(data.offset) },
      { key: 'length', value: String(data.length) },
    ],
  })
}

function valueInfo(value: Value): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: {
      value: {
        case: 'tensorType',
        value: { elemType: dtypes[value.dtype].code, shape: { dim: dimensions(value.shape) } },
      },
    },
  })
}

function dimensions(shape: Shape) {
  return shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }))
}
