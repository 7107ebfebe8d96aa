// What a model needs at each precision, and whether that fits where work runs; estimates, with what they assume.
import { Title } from '@mantine/core'
import { fitOf, memoryNeed, precisions, ROWS, SHARE, TOKENS } from '../../../shared/model-memory.ts'
import type { Model } from '../../../shared/models.ts'
import { formatBytes, formatPercent } from '../../../shared/units.ts'
import { fitWords } from './model-words.ts'
import { useWorkMemory } from './models-catalogue.tsx'

export function ModelMemory({ model: { architecture } }: { readonly model: Model }) {
  const place = useWorkMemory()
  const tokens = Math.min(TOKENS, architecture.positions)
  return (
    <section className="card" aria-label="Memory">
      <Title order={2}>Memory</Title>
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">Precision</th>
            <th scope="col">Weights</th>
            <th scope="col">Cache</th>
            <th scope="col">Together</th>
            <th scope="col">{place?.name ?? 'Here'}</th>
          </tr>
        </thead>
        <tbody>
          {precisions.map((precision) => {
            const need = memoryNeed(architecture, precision)
            const fit = place && fitOf(need, place.memory)
            return (
              <tr key={precision}>
                <th scope="row">
                  {precision}
                  {place?.precision === precision && <span className="tag">used here</span>}
                </th>
                <td>{formatBytes(need.weights)}</td>
                <td>{formatBytes(need.cache)}</td>
                <td>{formatBytes(need.total)}</td>
                <td>
                  {fit && (
                    <span className="state" data-state={fit}>
                      {fitWords[fit]}
                    </span>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className="muted fine">
        Estimated. Cache: the keys and values of {ROWS} rows of {tokens.toLocaleString('en-US')} tokens, a
        baseline beside a steered one. int4: the blocks’ matrices at four bits, embedding and head at eight,
        with scales for each 32 weights. “fits” leaves {formatPercent(1 - SHARE)} of the memory for the rest.
      </p>
    </section>
  )
}
