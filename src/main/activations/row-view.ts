// A row with the rows that point the same way, each with the text it stands in.
import { expected } from '../../shared/errors.ts'
import type { NearRow, RowView } from '../../shared/harvests.ts'
import { contextView, type ViewSource } from './context-view.ts'
import { excerptAround } from './excerpt.ts'
import type { HarvestIndex } from './harvest-index.ts'
import { type NearRow as Near, nearestRows } from './shard-nearest.ts'

/** Units of text on either side of a neighbour's token. */
const AROUND = 60

/** The `count` nearest; throws `harvest/no-row`, `disk/…`, `arrow/damaged`. */
export async function rowView(
  index: HarvestIndex,
  source: ViewSource,
  row: number,
  count: number,
): Promise<RowView> {
  const rows = source.shards.reduce((sum, shard) => sum + shard.rows, 0)
  const home = index.contextOfRow(row)
  if (!home) {
    throw expected(
      'harvest/no-row',
      `The harvest has no row ${row}: they are numbered from 0 to ${rows - 1}.`,
      'Choose one of these.',
    )
  }
  const { nearest, compared } = await nearestRows(source.shards, row, count)
  const position = row - home.firstRow
  const view = await contextView(index, source, home.id)
  const { id, split, norm } = view.tokens[position]!
  const near: NearRow[] = []
  for (const each of nearest) near.push(await described(index, source, each))
  return {
    ...{ row, position, context: home.id, token: id },
    ...{ split, norm, nearest: near, compared, rows },
  }
}

async function described(index: HarvestIndex, source: ViewSource, near: Near): Promise<NearRow> {
  const { row, cosine, context, position, token } = near
  const view = await contextView(index, source, context)
  const { start, end, special, split, document } = view.tokens[position]!
  const common = { row, cosine, context, position, token, split }
  const where = view.documents[document]?.source ?? null
  if (!view.spelled) return { ...common, before: '', text: null, after: '', source: where }
  const excerpt = excerptAround(view.text, start, end, AROUND)
  return {
    ...common,
    before: view.text.slice(excerpt.start, start),
    text: special ?? view.text.slice(start, end),
    after: view.text.slice(end, excerpt.end),
    source: where,
  }
}
