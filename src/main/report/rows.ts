// A report as rows: one for each feature, each row of a lab's table, each training, and each completion of a session.
import { activationWords } from '../../shared/heat.ts'
import { shown } from '../../shared/token-spelling.ts'
import type { Piece, ReportedFeature } from './piece.ts'
import { interventionWords } from '../../shared/steer-text.ts'
import { promptWords } from './words.ts'

export const columns = [
  ...['kind', 'sae', 'feature', 'label', 'note', 'density', 'max', 'mean', 'firings', 'contexts', 'flags'],
  ...['top_tokens', 'raises', 'lowers', 'top_context', 'prompt', 'baseline', 'steered', 'interventions'],
] as const
/** Those that are numbers; the others are text. */
export const numeric: readonly string[] = ['feature', 'density', 'max', 'mean', 'firings', 'contexts']
export type Cells = Partial<Record<(typeof columns)[number], string | number | null>>

/** The rows of a piece; of a heading there is none. */
export function rowsOf(piece: Piece): Cells[] {
  switch (piece.kind) {
    case 'heading':
      return []
    case 'feature':
      return [feature(piece.feature)]
    case 'training':
      return [{ kind: 'training', sae: piece.training.sae }]
    case 'lab': {
      const { run, labels } = piece
      return Array.from(run.features, (number, at) => ({
        ...{ kind: 'lab', sae: run.sae.id, feature: number, label: labels.get(number) ?? null },
        mean: run.measures.all.means[0]?.[at] ?? null,
        density: run.shares[0]?.[at] ?? null,
      }))
    }
    case 'session':
      return piece.session.history.map((run) => ({
        ...{ kind: 'completion', sae: run.setup.sae, prompt: promptWords(run.setup) },
        ...{ baseline: run.rows[0]?.text ?? '', steered: run.rows[1]?.text ?? '' },
        interventions: interventionWords(run.setup.interventions),
      }))
  }
}

function feature({ sae, label, note, page }: ReportedFeature): Cells {
  const words = (list: readonly { readonly text: string }[]) =>
    list
      .slice(0, 10)
      .map(({ text }) => shown(text))
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
