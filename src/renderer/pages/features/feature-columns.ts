// The columns of the table of features, those of the index's own domains and languages among them.
import type { IndexManifest } from '../../../shared/features.ts'
import type { RowColumn } from '../../state/feature-rows.ts'

export interface ColumnInfo {
  readonly column: RowColumn | 'sparks'
  /** In the head of the table. */
  readonly title: string
  /** Where there is room to say it. */
  readonly name: string
  /** Pixels, and the share of what is left over that it takes. */
  readonly least: number
  readonly grows?: number
  readonly numeric?: boolean
}

const common: readonly ColumnInfo[] = [
  { column: 'label', title: 'label', name: 'Label', least: 84, grows: 1 },
  { column: 'density', title: 'density', name: 'Density', least: 64, numeric: true },
  { column: 'max', title: 'max', name: 'Maximum', least: 46, numeric: true },
  { column: 'mean', title: 'mean', name: 'Mean where it fires', least: 56, numeric: true },
  { column: 'contexts', title: 'contexts', name: 'Contexts', least: 68, numeric: true },
  { column: 'norm', title: 'norm', name: 'Norm of its direction', least: 54, numeric: true },
  { column: 'flags', title: 'flags', name: 'Flags', least: 122, grows: 1 },
  { column: 'token', title: 'token', name: 'Main token, with most of its activation', least: 70, grows: 0.6 },
  { column: 'sparks', title: 'activations', name: 'Activations', least: 66 },
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
          least: 74,
          numeric: true,
        }))
  return [
    ...common,
    ...densities('stratum', manifest?.strata ?? []),
    ...densities('language', manifest?.languages ?? []),
  ]
}
