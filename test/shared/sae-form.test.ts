// Which fields of a training count for a variant, and for where its rows come from.
import { expect, it } from 'vitest'
import { fieldsFor, fieldsOf } from '../../src/shared/config.ts'
import { trainConfigSchema, type VariantId } from '../../src/shared/sae.ts'

const knobs = [
  ...['k', 'l1', 'l0Coefficient', 'targetL0', 'bandwidth', 'auxCoefficient', 'experts', 'balance'],
  ...[
    'sparsityWarmup',
    'harvest',
    'model',
    'corpus',
    'layer',
    'contextLength',
    'contexts',
    'sample',
    'textField',
  ],
]
const shown = (values: Record<string, unknown>) =>
  fieldsFor(fieldsOf(trainConfigSchema), values)
    .map(({ name }) => name)
    .filter((name) => knobs.includes(name))

it.each<[VariantId, string[]]>([
  ['topk', ['k', 'auxCoefficient']],
  ['batchtopk', ['k', 'auxCoefficient']],
  ['matryoshka', ['k', 'auxCoefficient']],
  ['relu-l1', ['sparsityWarmup', 'l1']],
  ['relu-l1-unit', ['sparsityWarmup', 'l1']],
  ['gated', ['sparsityWarmup', 'l1']],
  ['jumprelu', ['sparsityWarmup', 'l0Coefficient', 'targetL0', 'bandwidth']],
  ['switch', ['sparsityWarmup', 'k', 'experts', 'balance']],
])('%s has its own knobs and no other', (variant, wanted) => {
  expect(shown({ variant })).toEqual(['harvest', ...wanted])
})

it('asks for a model and a corpus, and no harvest, where rows come live', () => {
  expect(shown({ live: true })).toEqual([
    ...[
      'model',
      'corpus',
      'layer',
      'contextLength',
      'contexts',
      'sample',
      'textField',
      'k',
      'auxCoefficient',
    ],
  ])
})
