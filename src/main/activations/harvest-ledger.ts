// The ledger of a harvest: what became of everything that was read, and whether it adds up.
import type { HarvestLedger } from '../../shared/harvest.ts'
import { expected } from '../../shared/errors.ts'
import type { HarvestProgress } from './harvest-progress.ts'

export function ledgerOf({ position, rows, split, batches }: HarvestProgress): HarvestLedger {
  const { documents, replaced, skipped, contexts, tokens, strata } = position
  return {
    documents: { ...documents, skipped: { ...skipped } },
    ...{ replaced, contexts, tokens, rows },
    strata: { ...strata },
    split: { ...split },
    batches: { ...batches },
  }
}

/** Throws `ledger/wrong`, naming every sum that is not what it must be. */
export function assertAddsUp(ledger: HarvestLedger): void {
  const wrong = sums(ledger).filter(({ is, must }) => is !== must)
  if (wrong.length === 0) return
  const words = wrong.map(({ what, is, must }) => `${what}: ${is} against ${must}`)
  throw expected(
    'ledger/wrong',
    `The ledger does not add up: ${words.join('; ')}.`,
    'What was harvested cannot be trusted. Report it with the diagnostics, and harvest again.',
  )
}

interface Sum {
  readonly what: string
  readonly is: number
  readonly must: number
}

function sums({ documents, contexts, tokens, rows, strata, split, batches }: HarvestLedger): Sum[] {
  const total = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0)
  const inBatches = Object.entries(batches).map(([size, times]) => Number(size) * times)
  const strataTokens = total(Object.values(strata).map((stratum) => stratum.tokens))
  return [
    {
      what: 'documents read and those used or skipped',
      is: documents.used + total(Object.values(documents.skipped)),
      must: documents.read,
    },
    {
      what: 'documents used and those of the strata',
      is: total(Object.values(strata).map((stratum) => stratum.documents)),
      must: documents.used,
    },
    { what: 'rows and tokens', is: rows, must: tokens },
    { what: 'rows and their splits', is: total(Object.values(split)), must: rows },
    { what: 'contexts and those in batches', is: total(inBatches), must: contexts },
    // tokens that part texts belong to no stratum, and are special; others may be special too
    { what: 'tokens of strata beyond all tokens', is: Math.max(0, strataTokens - tokens), must: 0 },
    {
      what: 'tokens between texts that are not special',
      is: Math.max(0, tokens - strataTokens - split.special),
      must: 0,
    },
  ]
}
