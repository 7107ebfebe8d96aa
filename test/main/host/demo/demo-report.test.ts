// The report of the demo: which features it holds, and that its job takes what it is given.
import { expect, it } from 'vitest'
import { demoReport } from '../../../../src/main/host/demo/demo-report.ts'
import { reportConfigSchema, sectionsOf } from '../../../../src/shared/report-config.ts'

/** (F, L): how often four features fire in English and Spanish. */
const byLanguage = Float32Array.from([0.5, 0.9, 0, 0.1, 0.3, 0.9, 0.9, 0.1])
const made = { sae: 's', index: 'h', session: 'run' }

/** An index in which a search finds these features. */
function indexes(found: readonly number[]) {
  const asked: unknown[] = []
  const reads: Readonly<Record<string, unknown>> = {
    manifest: { languages: [{ name: 'en' }, { name: 'es' }] },
    table: { features: 4, byLanguage },
    search: { features: found.map((feature) => ({ feature })) },
  }
  const read = (name: string, given: unknown[]) => {
    if (name === 'search') asked.push(given[1])
    return Promise.resolve(reads[name])
  }
  const fake = {
    read: (_place: object, work: (reader: object) => unknown) => work({ read }),
    harvestIndex: () => Promise.resolve('/index'),
  }
  return { asked, indexes: fake as unknown as Parameters<typeof demoReport>[0] }
}

it('holds the session, the features for Spanish and for a word, each once, and the training, and says so', async () => {
  const { indexes: given, asked } = indexes([3])
  const params = reportConfigSchema.parse(await demoReport(given, made))
  expect(sectionsOf(params)).toEqual({
    sections: [
      { kind: 'session', session: 'run' },
      { kind: 'features', sae: 's', harvest: 'h', features: [2, 0, 1, 3] },
      { kind: 'training', sae: 's' },
    ],
  })
  expect(asked).toMatchObject([{ text: 'pain', features: 1, without: ['dead'] }])
  expect(params.notes).toContain('**Features 2, 0, 1**')
  expect(params.notes).toContain('**Feature 3**')
  const same = await demoReport(indexes([0]).indexes, made)
  expect(same.contents).toContain('features s/h 2,0,1\n')
})

it('does without the word where no text has it', async () => {
  const { contents, notes } = await demoReport(indexes([]).indexes, made)
  expect(contents).toContain('features s/h 2,0,1\n')
  expect(notes).not.toContain('pain')
})
