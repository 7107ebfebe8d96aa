// The columns of the table of features, those of the index's own domains and languages among them.
import type { IndexManifest } from '../../shared/features.ts'
import type { RowColumn } from '../state/feature-rows.ts'

export interface ColumnInfo {
  readonly column: RowColumn | 'sparks'
  /** In the head of the table. */
  readonly title: string
  /** Where there is room to say it. */
  readonly name: string
  /** A track of the grid. */
  readonly width: string
  readonly numeric?: boolean
}

const common: readonly ColumnInfo[] = [
  { column: 'label', title: 'label', name: 'Label', width: 'minmax(90px, 1.4fr)' },
  { column: 'density', title: 'density', name: 'Density', width: '68px', numeric: true },
  { column: 'max', title: 'max', name: 'Maximum', width: '52px', numeric: true },
  { column: 'mean', title: 'mean', name: 'Mean where it fires', width: '56px', numeric: true },
  { column: 'contexts', title: 'contexts', name: 'Contexts', width: '68px', numeric: true },
  { column: 'norm', title: 'norm', name: 'Norm of its direction', width: '54px', numeric: true },
  { column: 'flags', title: 'flags', name: 'Flags', width: 'minmax(70px, 1fr)' },
  { column: 'token', title: 'token', name: 'Strongest token', width: 'minmax(70px, 0.9fr)' },
  { column: 'sparks', title: 'activations', name: 'Activations', width: '74px' },
]

/** All that can be chosen, in their order. */
export function columnsOf(manifest: IndexManifest | null): readonly ColumnInfo[] {
  const densities = (kind: 'stratum' | 'language', parts: IndexManifest['strata']): ColumnInfo[] =>
    parts.length < 2
      ? []
      : parts.map(({ name }, at) => ({
          column: `${kind} ${at}` as const,
          title: name ?? 'none',
          name: `Density in ${name ?? `documents without a ${kind === 'stratum' ? 'domain' : 'language'}`}`,
          width: '74px',
          numeric: true,
        }))
  return [
    ...common,
    ...densities('stratum', manifest?.strata ?? []),
    ...densities('language', manifest?.languages ?? []),
  ]
}
