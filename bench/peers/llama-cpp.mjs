// llama.cpp by way of node-llama-cpp: answers "decode" with seconds and "perplexity" with all surprises, as JSON.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [folder, modelPath, idsFile, newTokens, window, threads] = process.argv.slice(2)
const require = createRequire(join(folder, 'package.json'))
const { getLlama } = await import(pathToFileURL(require.resolve('node-llama-cpp')).href)
const { version } = JSON.parse(
  await readFile(join(folder, 'node_modules/node-llama-cpp/package.json'), 'utf8'),
)
const llama = await getLlama({ build: 'never', gpu: false, progressLogs: false, logLevel: 'error' })
const start = performance.now()
const model = await llama.loadModel({ modelPath })
const loaded = (performance.now() - start) / 1000
const context = await model.createContext({ contextSize: 1024, threads: Number(threads) })
const sequence = context.getSequence()
const ids = JSON.parse(await readFile(idsFile, 'utf8'))
console.log(JSON.stringify({ version, seconds: loaded }))

async function decode() {
  await sequence.clearHistory()
  let from = 0
  let count = 0
  // the first token comes with the prompt
  const tokens = sequence.evaluate(ids.slice(0, 16), { temperature: 0 })
  while (count <= Number(newTokens) && !(await tokens.next()).done) {
    if (count++ === 0) from = performance.now()
  }
  await tokens.return()
  return { seconds: (performance.now() - from) / 1000 }
}

/** Nothing that would leave tokens out of the sum of all weights. */
const unfiltered = { temperature: 1, topK: 0, topP: 1, minP: 0 }

/** Negative log-probability of each token of every window after its first. */
async function perplexity() {
  const surprises = []
  for (let at = 0; at + Number(window) <= ids.length; at += Number(window)) {
    const own = ids.slice(at, at + Number(window))
    await sequence.clearHistory()
    const wanted = own.map((token, place) => {
      if (place === own.length - 1) return token
      const logits = { filter: { tokens: [own[place + 1]], includeTop: 1 } }
      return [token, { generateNext: { logits, totalLogitWeight: true, options: unfiltered } }]
    })
    const found = await sequence.controlledEvaluate(wanted)
    for (const [place, next] of own.slice(1).entries()) {
      const { logits, totalLogitWeight } = found[place].next
      surprises.push(Math.log(totalLogitWeight) + Math.max(...logits.values()) - logits.get(next))
    }
  }
  return { surprises }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(line === 'decode' ? await decode() : await perplexity()))
}
process.exit(0)
