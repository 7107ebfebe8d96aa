// The first documents of a corpus as they are: the beginning of each, with where it is from.
import { Title } from '@mantine/core'
import type { CorpusPreview } from '../../../shared/corpus.ts'
import { formatCount } from '../../../shared/units.ts'
import { visible } from '../../../shared/visible.ts'

export function CorpusDocuments({ documents }: Pick<CorpusPreview, 'documents'>) {
  return (
    <section className="card corpus-documents" aria-label="Documents">
      <Title order={2}>Documents</Title>
      <ul>
        {documents.map(({ source, text, characters, stratum, language }, index) => (
          <li key={index}>
            <div className="document-head">
              <bdi className="mono cut" title={source}>
                {source}
              </bdi>
              {stratum !== null && (
                <bdi className="tag cut" title={stratum}>
                  {stratum}
                </bdi>
              )}
              {language !== null && <bdi className="tag">{language}</bdi>}
              <span className="muted value">{formatCount(characters)} characters</span>
            </div>
            {/* as it is: spaces kept, direction its own, and reachable by keyboard where it scrolls */}
            <pre className="document" dir="auto" tabIndex={0} aria-label={`Beginning of ${source}`}>
              {visible(text)}
              {text.length < characters && <span className="muted"> …</span>}
            </pre>
          </li>
        ))}
      </ul>
    </section>
  )
}
