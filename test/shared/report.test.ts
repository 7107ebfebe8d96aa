// The contents of a report as a text, and what its fields ask for.
import { expect, it } from 'vitest'
import { contentsIn, contentsText, type ReportSection } from '../../src/shared/report.ts'
import { formatsOf, partsOf, reportConfigSchema, sectionsOf } from '../../src/shared/report-config.ts'

const sections: ReportSection[] = [
  { kind: 'features', sae: 'a1', harvest: 'h2', features: [3, 1] },
  { kind: 'list', sae: 'a1', name: 'pain; 100 % sure\nof it' },
  { kind: 'top', sae: 'a1', count: 20 },
  { kind: 'training', sae: 'a1' },
  { kind: 'lab', run: 'b-3' },
  { kind: 'session', session: 'c4' },
]

it('Contents are the same after they were a text', () => {
  expect(contentsIn(contentsText(sections))).toEqual({ sections })
  expect(contentsIn(' training a1 ;; lab b-3\n')).toEqual({
    sections: [
      { kind: 'training', sae: 'a1' },
      { kind: 'lab', run: 'b-3' },
    ],
  })
})

it.each(['features a1', 'features a1 1,x', 'top a1 0', 'top a1', 'song a1', 'list a1'])(
  'Of “%s” is said that it is no entry',
  (text) => expect(contentsIn(text)).toEqual({ problem: `“${text}” is no entry of a report.` }),
)

it('Fields come before the contents, and need an SAE where they are of one', () => {
  const config = reportConfigSchema.parse({
    ...{ sae: 'a1', features: '3, 1', training: true, session: 'c4', contents: 'lab b-3' },
  })
  expect(sectionsOf(config)).toEqual({
    sections: [
      { kind: 'features', sae: 'a1', features: [3, 1] },
      { kind: 'training', sae: 'a1' },
      { kind: 'session', session: 'c4' },
      { kind: 'lab', run: 'b-3' },
    ],
  })
  expect(sectionsOf(reportConfigSchema.parse({ top: 5 }))).toHaveProperty('problem')
  expect(sectionsOf(reportConfigSchema.parse({ sae: 'a1', features: '1,x' }))).toHaveProperty('problem')
})

it('Formats and parts are words of a list, in the order of the list', () => {
  const config = reportConfigSchema.parse({ formats: 'csv, html', parts: 'logits,contexts' })
  expect(formatsOf(config)).toEqual(['html', 'csv'])
  expect(partsOf(config)).toEqual(['contexts', 'logits'])
  for (const formats of ['', 'docx', 'html,docx']) {
    expect(reportConfigSchema.safeParse({ formats }).success).toBe(false)
  }
})
