// The lint rules of the project, shown to fail where they should and to pass where they should.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Linter } from 'eslint'
import { parser } from 'typescript-eslint'
import { describe, expect, it } from 'vitest'
import { stages } from '../../src/shared/stages.ts'
import { layering, openingSentence } from './layering.mjs'
import { layerOf, pages, stageOrder } from './layers.mjs'

function problems(path: string, code: string): string[] {
  const config = [
    {
      files: ['**/*.ts', '**/*.tsx'],
      languageOptions: { parser: parser as Linter.Parser },
      plugins: { project: { rules: { layering, openingSentence } as never } },
      rules: { 'project/layering': 'error' as const, 'project/openingSentence': 'error' as const },
    },
  ]
  return new Linter()
    .verify(`// A file that is there for a test.\n${code}`, config, `src/${path}`)
    .map((message) => message.message)
}

describe('layering', () => {
  it.each([
    [
      'a stage using a later one',
      'main/corpus/x.ts',
      "import '../sae/y.ts'",
      'src/main/corpus may not import src/main/sae',
    ],
    [
      'the store using a stage',
      'main/store/x.ts',
      "import '../features/y.ts'",
      'may not import src/main/features',
    ],
    [
      'the page using the host',
      'renderer/pages/x.tsx',
      "import '../../main/host/host.ts'",
      'may not import src/main',
    ],
    ['the page using Node', 'renderer/x.ts', "import 'node:fs'", 'runs where Node does not'],
    ['shared code using Node', 'shared/x.ts', "import 'fs'", 'runs where Node does not'],
    [
      'SQLite outside the store',
      'main/host/x.ts',
      "import 'better-sqlite3'",
      'may not import the package "better-sqlite3"',
    ],
    [
      'onnxruntime outside onnx',
      'main/llama/x.ts',
      "import 'onnxruntime-node'",
      'may not import the package',
    ],
    [
      'ECharts outside the charts',
      'renderer/pages/x.tsx',
      "import 'echarts/core'",
      'may not import the package "echarts"',
    ],
    [
      'a page using another',
      'renderer/pages/lab/x.tsx',
      "import '../features/y.tsx'",
      'may not import src/renderer/pages/features',
    ],
    [
      'Electron in the host',
      'main/host/x.ts',
      "import type { app } from 'electron'",
      'may not import the package',
    ],
    ['Electron itself in the shell', 'main/shell/x.ts', "import { app } from 'electron'", 'only types'],
    [
      'a dynamic import',
      'main/tokens/x.ts',
      "void import('../report/y.ts')",
      'may not import src/main/report',
    ],
    ['a re-export', 'main/tokens/x.ts', "export * from '../report/y.ts'", 'may not import src/main/report'],
    ['tests in the product', 'main/host/x.ts', "import '../../../test/helpers/y.ts'", 'lies outside'],
  ])('refuses %s', (_what, path, code, message) => {
    const found = problems(path, code)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  it.each([
    ['main/sae/x.ts', "import '../corpus/y.ts'"],
    ['main/corpus/x.ts', "import '../store/y.ts'"],
    ['main/store/x.ts', "import 'better-sqlite3'"],
    ['renderer/charts/x.tsx', "import 'echarts/core'"],
    ['renderer/x.tsx', "import './styles.css'"],
    ['renderer/pages/lab/x.tsx', "import '../../ui/y.tsx'"],
    ['renderer/app/x.tsx', "import '../pages/lab/y.tsx'"],
    ['main/shell/x.ts', "import type { app } from 'electron'"],
    ['main/host/x.ts', "import '../compute/pulse.ts'"],
    ['shared/x.ts', "import 'zod'"],
  ])('lets %s have %s', (path, code) => expect(problems(path, code)).toEqual([]))

  it('knows every folder, and the order of the stages', () => {
    expect(stageOrder).toEqual(stages.map((stage) => stage.id))
    const main = fileURLToPath(new URL('../../src/main', import.meta.url))
    for (const entry of readdirSync(main, { withFileTypes: true })) {
      if (entry.isDirectory()) expect(layerOf(`main/${entry.name}/x.ts`)).toBe(`main/${entry.name}`)
    }
    const shown = fileURLToPath(new URL('../../src/renderer/pages', import.meta.url))
    expect(readdirSync(shown).sort()).toEqual([...pages].sort())
  })
})

describe('the opening sentence', () => {
  it('is asked for', () => {
    const config = [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: parser as Linter.Parser },
        plugins: { project: { rules: { openingSentence } as never } },
        rules: { 'project/openingSentence': 'error' as const },
      },
    ]
    expect(new Linter().verify('export const x = 1', config, 'src/shared/x.ts')).toHaveLength(1)
    expect(new Linter().verify('// What the letter x stands for.\n', config, 'src/shared/x.ts')).toEqual([])
  })
})
