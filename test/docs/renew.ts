// `npm run docs`: writes the parts of the guide that are made from the source.
import { writeFile } from 'node:fs/promises'
import { guidePages } from './pages.ts'

for (const { path, written, renewed } of await guidePages()) {
  if (written === renewed) continue
  await writeFile(path, renewed)
  process.stdout.write(`${path}\n`)
}
