// Harvests in words: what was read by what, how much there is; pure, so that list and page say the same.
import { skipReasonSchema, skipWords } from '../../../shared/corpus.ts'
import type { Harvest, RowToken } from '../../../shared/harvests.ts'
import { formatBytes, formatCount } from '../../../shared/units.ts'

/** The corpus by the end of its path: "pile.jsonl.zst"; a data set of the Hub whole. */
export function corpusName({ id, config }: Pick<Harvest, 'id' | 'config'>): string {
  if (!config) return `Harvest ${id}`
  if (config.corpus.startsWith('hf:')) return config.corpus
  return config.corpus.split(/[/\\]/).findLast((part) => part !== '') ?? config.corpus
}

/** "layer 2 of Demo model · 100 k rows · 43 MB". */
export function harvestWords({ config, done, bytes, state }: Harvest): string {
  const parts = []
  if (config) parts.push(`layer ${config.layer} of ${done?.model.name ?? config.model}`)
  if (done) parts.push(`${formatCount(done.rows)} rows`)
  else if (config) parts.push(`${formatCount(config.tokens)} tokens wanted`)
  // while it runs, most of it is room that is only reserved
  if (bytes > 0 && state !== 'running') parts.push(formatBytes(bytes))
  return parts.join(' · ')
}

/** Why documents were skipped, as it stands behind a number. */
export function skippedWords(reason: string): string {
  const known = skipReasonSchema.safeParse(reason).data
  return known ? skipWords[known] : reason.replaceAll('-', ' ')
}

const leftOutWords: Readonly<Record<NonNullable<RowToken['leftOut']>, string>> = {
  special: 'left out: a special token',
  sink: 'left out: an attention sink',
  frequent: 'left out: too frequent',
}

/** What becomes of a row. */
export function splitWords({ split, leftOut }: Pick<RowToken, 'split'> & Partial<RowToken>): string {
  if (split === 1) return 'train'
  if (split === 2) return 'validation'
  return leftOut ? leftOutWords[leftOut] : 'left out'
}
