// Who may import whom: the table of the architecture, read by the lint rule and its test.

/** Stages in the order the data goes; a stage may import those before it. Kept equal to src/shared/stages.ts by a test. */
export const stageOrder = ['corpus', 'tokens', 'activations', 'sae', 'features', 'steering', 'report']

const base = ['shared', 'store', 'onnx', 'llama']
const stages = stageOrder.map((id) => `main/${id}`)

/** Longest matching folder wins. `layers` are folders below src, `packages` are npm packages, `node` allows built-ins. */
const table = {
  shared: { layers: ['shared'], packages: ['zod', '@msgpack/msgpack'] },
  'main/store': {
    layers: ['shared', 'main/store'],
    packages: ['zod', 'better-sqlite3', 'apache-arrow', 'flatbuffers'],
    node: true,
  },
  'main/onnx': {
    layers: ['shared', 'main/onnx'],
    packages: ['onnxruntime-node', '@bufbuild/protobuf', 'yauzl'],
    node: true,
  },
  'main/llama': {
    layers: base.map(inMain),
    packages: ['zod', '@huggingface/tokenizers', '@huggingface/jinja'],
    node: true,
  },
  'main/wire': { layers: ['shared', 'main/wire'], packages: ['ws'], node: true },
  'main/compute': {
    layers: [...base.map(inMain), ...stages, 'main/wire', 'main/compute'],
    packages: ['zod'],
    node: true,
  },
  'main/host': {
    layers: [...base.map(inMain), ...stages, 'main/wire', 'main/compute', 'main/host'],
    packages: ['zod', 'ws'],
    node: true,
  },
  'main/cli': {
    layers: ['shared', 'main/store', 'main/wire', 'main/host', 'main/cli', 'main'],
    packages: ['commander', 'ws'],
    node: true,
  },
  'main/shell': {
    layers: ['shared', 'main/store', 'main/host', 'main/shell', 'main'],
    packages: ['zod'],
    typesOnly: ['electron'],
    node: true,
  },
  // the entries beside the folders: index.ts, cli.ts, serve.ts
  main: {
    layers: ['shared', 'main/store', 'main/host', 'main/cli', 'main/shell', 'main'],
    packages: ['electron', 'open'],
    node: true,
  },
  preload: { layers: ['shared', 'preload'], packages: ['electron'] },
  renderer: {
    layers: ['shared', 'renderer'],
    packages: [
      'react',
      'react-dom',
      'zod',
      'zustand',
      'markdown-it',
      '@mantine/*',
      '@tanstack/*',
      '@tabler/*',
    ],
  },
  'renderer/charts': {
    layers: ['shared', 'renderer', 'renderer/charts'],
    packages: ['react', '@mantine/*', 'echarts'],
  },
}
/** Pages share what is in ui, state and app, and know nothing of each other. */
export const pages = [
  ...['corpus', 'activations', 'sae', 'features', 'steering', 'reports'],
  ...['models', 'lab', 'jobs', 'device', 'settings'],
]
for (const page of pages) {
  table[`renderer/pages/${page}`] = {
    layers: ['shared', 'renderer', 'renderer/charts', `renderer/pages/${page}`],
    packages: table.renderer.packages,
  }
}
const stagePackages = {
  corpus: ['chardet', 'csv-parse', 'hyparquet', 'hyparquet-compressors', 'picomatch'],
  report: ['echarts', 'hyparquet-writer', 'markdown-it'],
}
for (const [index, id] of stageOrder.entries()) {
  table[`main/${id}`] = {
    layers: [...base.map(inMain), ...stages.slice(0, index + 1)],
    packages: ['zod', ...(stagePackages[id] ?? [])],
    node: true,
  }
}
export const layers = table

function inMain(name) {
  return name === 'shared' ? name : `main/${name}`
}

/** The layer a path below src belongs to ("main/host/jobs.ts" → "main/host"), or undefined. */
export function layerOf(path) {
  return Object.keys(layers)
    .filter((layer) => path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0]
}
