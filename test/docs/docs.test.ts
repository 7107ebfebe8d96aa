// The guide says what the source says: commands, knobs and error codes; and what happens where it does not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { renewKnobs } from './knobs.ts'
import { guidePages } from './pages.ts'
import { renewTroubleshooting } from './troubleshooting.ts'

const source = mkdtempSync(join(tmpdir(), 'monoscope-docs-'))
afterAll(() => rmSync(source, { recursive: true }))

function advised(...codes: string[]): string {
  return ['bug', 'cancelled', ...codes].map((code) => `- **\`${code}\`** “old”\\\n  Advice on it.\n`).join('')
}

describe('the guide', () => {
  it('is what "npm run docs" makes of the source', async () => {
    const pages = await guidePages()
    const stale = pages
      .filter(({ written, renewed }) => written !== renewed)
      .map(({ path }) => basename(path))
    expect(stale, 'Renew them with "npm run docs".').toEqual([])
  })

  it('links to files that are there', async () => {
    const folder = join(import.meta.dirname, '../../docs')
    const names = (await readdir(folder)).filter((name) => name.endsWith('.md'))
    const paths = [...names.map((name) => join(folder, name)), join(folder, '../README.md')]
    const dead: string[] = []
    for (const path of paths) {
      for (const [, link] of (await readFile(path, 'utf8')).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        const there = await stat(join(dirname(path), link!)).catch(() => null)
        if (!there) dead.push(`${basename(path)}: ${link}`)
      }
    }
    expect(dead).toEqual([])
  })
})

describe('the page of errors', () => {
  it('takes messages from the source and keeps the advice', () => {
    writeFileSync(
      join(source, 'a.ts'),
      "throw expected('disk/full', wide ? `No ${room} in *it*.` : 'No disk.')\n",
    )
    expect(renewTroubleshooting(advised('disk/full'), source)).toContain(
      '- **`disk/full`** “No … in \\*it\\*.” · “No disk.”\\\n  Advice on it.\n',
    )
  })

  it('wants advice on every code, and on no other', () => {
    writeFileSync(join(source, 'a.ts'), "throw expected('disk/full', 'No room.')\n")
    expect(() => renewTroubleshooting(advised(), source)).toThrow('disk/full has no advice')
    expect(() => renewTroubleshooting(advised('disk/full', 'disk/lost'), source)).toThrow(
      'disk/lost is in no source file',
    )
    expect(() => renewTroubleshooting(advised('disk/full', 'disk/full'), source)).toThrow('there twice')
  })

  it('wants to be told what a code can be that is put together', () => {
    writeFileSync(join(source, 'a.ts'), "throw expected(`disk/${'full'}`, 'No room.')\n")
    expect(() => renewTroubleshooting(advised(), source)).toThrow('What can the code')
  })
})

describe('tables of knobs', () => {
  it('have flag, default and unit of each field, and leave the page around them', () => {
    const page = renewKnobs('Before.\n<!-- knobs: index -->\nold\n<!-- /knobs -->\nAfter.\n')
    expect(page).toContain('| Most rows | `--max-rows` | 10,000,000 | rows |')
    expect(page).toMatch(/^Before\.\n<!-- knobs: index -->\n[^]*<!-- \/knobs -->\nAfter\.\n$/)
    expect(page).not.toContain('\nold\n')
    expect(() => renewKnobs('<!-- knobs: none -->\n<!-- /knobs -->')).toThrow('no table of knobs "none"')
  })
})
