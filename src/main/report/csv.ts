// A report as CSV: a row for each feature, and for each row of a lab's table; texts of sessions follow in rows of their own.
import { activationWords, inText } from '../../shared/heat.ts'
import type { ReportedFeature } from './contents.ts'
import { csv } from './escape.ts'
import { interventionWords, promptWords } from './words.ts'
import type { ReportWriter } from './writer.ts'

const COLUMNS = [
  ...['kind', 'sae', 'feature', 'label', 'note', 'density', 'max', 'mean', 'firings', 'contexts', 'flags'],
  ...['top_tokens', 'raises', 'lowers', 'top_context', 'prompt', 'baseline', 'steered', 'interventions'],
] as const
type Cells = Partial<Record<(typeof COLUMNS)[number], string | number | null>>

export const csvWriter: ReportWriter = {
  begin: () => line(COLUMNS),
  piece(piece) {
    switch (piece.kind) {
      case 'heading':
        return ''
      case 'feature':
        return row(feature(piece.feature))
      case 'training':
        return row({ kind: 'training', sae: piece.training.sae })
      case 'lab': {
        const { run, labels } = piece
        return Array.from(run.features, (number, at) =>
          row({
            ...{ kind: 'lab', sae: run.sae.id, feature: number, label: labels.get(number) ?? null },
            mean: run.measures.all.means[0]?.[at] ?? null,
            density: run.shares[0]?.[at] ?? null,
          }),
        ).join('')
      }
      case 'session':
        return piece.session.history
          .map((run) =>
            row({
              ...{ kind: 'completion', sae: run.setup.sae, prompt: promptWords(run.setup) },
              ...{ baseline: run.rows[0]?.text ?? '', steered: run.rows[1]?.text ?? '' },
              interventions: interventionWords(run.setup),
            }),
          )
          .join('')
    }
  },
  end: () => '',
}

function feature({ sae, label, note, page }: ReportedFeature): Cells {
  const words = (list: readonly { readonly text: string }[]) =>
    list
      .slice(0, 10)
      .map(({ text }) => inText(text).trim())
      .join(' | ')
  const top = page.top[0]
  return {
    ...{ kind: 'feature', sae, feature: page.feature, label, note: note?.note ?? null },
    ...{ density: page.density, max: page.max, mean: page.mean },
    ...{ firings: page.firings, contexts: page.contexts },
    flags: page.flags.map(({ flag }) => flag).join(' '),
    ...{ top_tokens: words(page.tokensByMean) },
    raises: page.logits && words(page.logits.up),
    lowers: page.logits && words(page.logits.down),
    top_context: top ? `${top.texts.join('')} (${activationWords(top.value)})` : null,
  }
}

function row(cells: Cells): string {
  return line(COLUMNS.map((name) => cells[name] ?? null))
}

function line(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csv).join(',')}\r\n`
}
