// What a search found: contexts with the matches marked, the best first, and how many more there are.
import { Button } from '@mantine/core'
import type { Hit, Hits } from '../../../shared/harvests.ts'
import { Marked } from '../../ui/marked.tsx'

interface HarvestHitsProps {
  /** Undefined until the first answer. */
  readonly found?: Hits
  /** Something is searched for. */
  readonly wanted: boolean
  /** The context that is open. */
  readonly open: number
  onOpen(hit: Hit): void
  onMore(): void
}

/** Hits that can be asked for. */
const MOST = 1_000

export function HarvestHits({ found, wanted, open, onOpen, onMore }: HarvestHitsProps) {
  if (!wanted) {
    return (
      <p className="muted lead">
        Every context of the corpus is in the index: type a word to find where it stands, open a context, and
        click a token to see its row.
      </p>
    )
  }
  if (!found) return <p className="muted late">Searching…</p>
  const { hits } = found
  return (
    <>
      <p className="muted fine lead" role="status">
        {summary(found)}
      </p>
      <ul className="hits" aria-label="Contexts that match">
        {hits.map((hit) => (
          <li key={hit.context}>
            <button
              type="button"
              aria-current={hit.context === open || undefined}
              onClick={() => onOpen(hit)}
            >
              <bdi className="excerpt">
                {hit.cut.before && '… '}
                <Marked text={hit.excerpt} from={hit.from} ranges={hit.ranges} />
                {hit.cut.after && ' …'}
              </bdi>
              <span className="muted fine">
                context {hit.context.toLocaleString('en-US')} · {hit.tokens} tokens ·{' '}
                {hit.ranges.length === 1 ? 'one match' : `${hit.ranges.length} matches`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {hits.length < Math.min(found.ranked, MOST) && <Button onClick={onMore}>Show more</Button>}
    </>
  )
}

/** Says when not all that match were ranked. */
function summary({ hits, matches, counted, ranked, sampled }: Hits): string {
  if (hits.length === 0) return 'No context has this text.'
  const number = matches.toLocaleString('en-US')
  const many = `${counted ? '' : 'About '}${number} ${matches === 1 ? 'context matches' : 'contexts match'}`
  if (hits.length === matches) return `${many}.`
  if (!sampled) return `${many}; the best ${hits.length.toLocaleString('en-US')} of them.`
  return `${many}. A ranked sample of ${ranked.toLocaleString('en-US')} was taken; these are the best ${hits.length.toLocaleString('en-US')} of it.`
}
