// A process that reads a corpus and tells how much was in it and how much memory that took.
import { peakRss } from '../../../src/main/compute/peak-rss.ts'
import { readCorpus } from '../../../src/main/corpus/corpus.ts'

let characters = 0
for await (const item of readCorpus({ path: process.argv[2]! })) {
  if (item.kind === 'document') characters += item.document.text.length
}
console.log(JSON.stringify({ characters, peak: peakRss() }))
