// Which features and contexts are looked at: flags, density, stars and lists, domains and languages; and which columns are shown.
import { Button, Checkbox, MultiSelect, NumberInput, Popover, SegmentedControl, Select } from '@mantine/core'
import { featureFlags, flagTitles } from '../../../shared/feature-flags.ts'
import type { IndexManifest } from '../../../shared/features.ts'
import { allRows, type Notes, type RowFilter } from '../../state/feature-rows.ts'
import { chooseFlag, flagChoice, setFilter, useFeatureView } from '../../state/feature-view.ts'
import { columnsOf } from './feature-columns.ts'

interface FeatureFiltersProps {
  readonly manifest: IndexManifest | null
  readonly notes: Notes
}

export function FeatureFilters({ manifest, notes }: FeatureFiltersProps) {
  const { filter, strata, languages } = useFeatureView()
  const lists = [...new Set([...notes.values()].flatMap((note) => note.lists))].sort()
  const count = active(filter) + (strata.length > 0 ? 1 : 0) + (languages.length > 0 ? 1 : 0)
  return (
    <Popover position="bottom-end" withArrow trapFocus width={380}>
      <Popover.Target>
        <Button>{count === 0 ? 'Filters' : `Filters (${count})`}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Filters" className="feature-filters">
        <fieldset className="bare">
          <legend className="muted">Flags</legend>
          {featureFlags.map((flag) => (
            <div key={flag} className="flag-choice">
              <span>{flagTitles[flag]}</span>
              <SegmentedControl
                size="xs"
                aria-label={flagTitles[flag]}
                value={flagChoice(filter, flag)}
                onChange={(choice) => chooseFlag(flag, choice)}
                data={[
                  { value: 'any', label: 'any' },
                  { value: 'only', label: 'only' },
                  { value: 'without', label: 'hide' },
                ]}
              />
            </div>
          ))}
        </fieldset>
        <div className="range">
          <Percent
            label="Density from"
            value={filter.density[0]}
            empty={0}
            onChange={(from) => setFilter({ density: [from, filter.density[1]] })}
          />
          <Percent
            label="to"
            value={filter.density[1]}
            empty={1}
            onChange={(to) => setFilter({ density: [filter.density[0], to] })}
          />
        </div>
        <div className="range">
          <NumberInput
            size="xs"
            label="Maximum from"
            placeholder="none"
            min={0}
            decimalScale={3}
            value={filter.max[0] === 0 ? '' : filter.max[0]}
            onChange={(from) => setFilter({ max: [Number(from), filter.max[1]] })}
          />
          <NumberInput
            size="xs"
            label="to"
            placeholder="all"
            min={0}
            decimalScale={3}
            value={filter.max[1] === Infinity ? '' : filter.max[1]}
            onChange={(to) => setFilter({ max: [filter.max[0], to === '' ? Infinity : Number(to)] })}
          />
        </div>
        <div className="checks">
          <Checkbox
            size="xs"
            label="Starred"
            checked={filter.starred}
            onChange={(event) => setFilter({ starred: event.currentTarget.checked })}
          />
          <Checkbox
            size="xs"
            label="With a label"
            checked={filter.labelled}
            onChange={(event) => setFilter({ labelled: event.currentTarget.checked })}
          />
        </div>
        {lists.length > 0 && (
          <Select
            size="xs"
            label="List"
            placeholder="Any"
            clearable
            data={lists}
            value={filter.list === '' ? null : filter.list}
            onChange={(list) => setFilter({ list: list ?? '' })}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <Names
          label="Domains, in a search by contexts"
          parts={manifest?.strata ?? []}
          chosen={strata}
          onChange={(chosen) => useFeatureView.setState({ strata: chosen })}
        />
        <Names
          label="Languages, in a search by contexts"
          parts={manifest?.languages ?? []}
          chosen={languages}
          onChange={(chosen) => useFeatureView.setState({ languages: chosen })}
        />
        <Button onClick={() => useFeatureView.setState({ filter: allRows, strata: [], languages: [] })}>
          Clear all filters
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}

/** Filters that differ from what there is without any. */
function active(filter: RowFilter): number {
  const names = Object.keys(allRows) as (keyof RowFilter)[]
  return names.filter((name) => String(filter[name]) !== String(allRows[name])).length
}

interface PercentProps {
  readonly label: string
  /** A share. */
  readonly value: number
  /** The share that an empty field means. */
  readonly empty: number
  onChange(value: number): void
}

function Percent({ label, value, empty, onChange }: PercentProps) {
  return (
    <NumberInput
      label={label}
      suffix=" %"
      min={0}
      max={100}
      decimalScale={5}
      placeholder={empty === 0 ? 'none' : 'all'}
      value={value === empty ? '' : Number((100 * value).toPrecision(4))}
      onChange={(entered) => onChange(entered === '' ? empty : Number(entered) / 100)}
    />
  )
}

interface NamesProps {
  readonly label: string
  readonly parts: IndexManifest['strata']
  readonly chosen: readonly string[]
  onChange(chosen: string[]): void
}

function Names({ label, parts, chosen, onChange }: NamesProps) {
  if (parts.length < 2) return null
  return (
    <MultiSelect
      size="xs"
      label={label}
      placeholder={chosen.length === 0 ? 'All' : ''}
      data={parts.map(({ name }) => ({ value: name ?? '', label: name ?? 'none' }))}
      value={[...chosen]}
      onChange={onChange}
      comboboxProps={{ withinPortal: false }}
    />
  )
}

/** A check box for each column there can be. */
export function FeatureColumns({ manifest }: { readonly manifest: IndexManifest | null }) {
  const columns = useFeatureView((view) => view.columns)
  return (
    <Popover position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button>Columns</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns" className="feature-filters">
        {columnsOf(manifest).map(({ column, name }) => (
          <Checkbox
            key={column}
            size="xs"
            label={name}
            checked={columns.includes(column)}
            onChange={(event) =>
              useFeatureView.setState({
                columns: event.currentTarget.checked
                  ? [...columns, column]
                  : columns.filter((each) => each !== column),
              })
            }
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}
