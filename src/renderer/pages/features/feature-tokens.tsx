// The tokens a feature fires on most: by how strongly, and by how often.
import { Title } from '@mantine/core'
import type { FeaturePage, TokenStats } from '../../../shared/features.ts'
import { densityWords, numberWords, tokenName } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'

export function FeatureTokens({ page: { tokensByMean, tokensByCount } }: { readonly page: FeaturePage }) {
  return (
    <section className="feature-tokens" aria-label="Tokens">
      <Tokens title="Strongest tokens" tokens={tokensByMean} />
      <Tokens title="Most frequent tokens" tokens={tokensByCount} />
    </section>
  )
}

function Tokens({ title, tokens }: { readonly title: string; readonly tokens: readonly TokenStats[] }) {
  if (tokens.length === 0) return null
  return (
    <table className="numbers">
      <caption>
        <Title order={3}>{title}</Title>
      </caption>
      <thead>
        <tr>
          <th scope="col">Token</th>
          <th scope="col">Mean</th>
          <th scope="col">Fires on</th>
          <th scope="col">of its places</th>
        </tr>
      </thead>
      <tbody>
        {tokens.map(({ id, text, mean, firings, rows }) => (
          <tr key={id}>
            <th scope="row">
              <bdi className="mono">{tokenName(id, text)}</bdi>
            </th>
            <td>{activationWords(mean)}</td>
            <td>{numberWords(firings)}</td>
            <td className="muted">{densityWords(rows === 0 ? 0 : firings / rows)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
