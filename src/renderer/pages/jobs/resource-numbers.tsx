// The charts of what a job used as a table: for screen readers, and for whoever wants the numbers.
import { useState } from 'react'
import { formatValue, lineKey, type Panel, summarise } from '../../../shared/charts/resources.ts'

export function ResourceNumbers({ panels }: { readonly panels: readonly Panel[] }) {
  const [opened, setOpened] = useState(false)
  return (
    <details onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className="muted">In numbers</summary>
      {opened && <Numbers panels={panels} />}
    </details>
  )
}

function Numbers({ panels }: { readonly panels: readonly Panel[] }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="What it used, in numbers">
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">Of</th>
            <th scope="col">Lowest</th>
            <th scope="col">Mean</th>
            <th scope="col">Highest</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {panels.flatMap((panel) =>
            panel.lines.map((line) => {
              const summary = summarise(line)
              if (!summary) return null
              const { lowest, mean, highest, last } = summary
              return (
                <tr key={lineKey(panel, line)}>
                  <th scope="row">{lineKey(panel, line)}</th>
                  {[lowest, mean, highest, last].map((value, place) => (
                    <td key={place}>{formatValue(value, panel.unit)}</td>
                  ))}
                </tr>
              )
            }),
          )}
        </tbody>
      </table>
    </div>
  )
}
