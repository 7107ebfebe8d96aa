// The contents of a report in order: each entry can be moved and taken out, and others are chosen from what there is.
import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { numbersIn, type ReportSection } from '../../../shared/report.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { useReportDraft, withSection } from '../../state/report-draft.ts'
import { reportChoices, sectionWords, useReportable } from './reportable.ts'

interface ReportContentsProps {
  readonly saes: readonly SaeEntry[]
  readonly sections: readonly ReportSection[]
}

/** Numbers of features that a row has room for. */
const MOST_NUMBERS = 12

export function ReportContents({ saes, sections }: ReportContentsProps) {
  const reportable = useReportable(saes)
  const put = (after: readonly ReportSection[]) => useReportDraft.setState({ sections: [...after] })
  const add = (section: ReportSection) => put(withSection(sections, section))
  const move = (at: number, to: number) => {
    const section = sections[at]!
    put(sections.toSpliced(at, 1).toSpliced(to, 0, section))
  }
  const choices = reportChoices(reportable)
  return (
    <div className="report-contents">
      <span className="label">Contents</span>
      {sections.length === 0 ? (
        <p className="muted">
          Nothing yet. Choose below, or use “Add to report” where you look at something.
        </p>
      ) : (
        <ol aria-label="Contents">
          {sections.map((section, at) => {
            const { title, note } = sectionWords(section, reportable, MOST_NUMBERS)
            return (
              <li key={JSON.stringify(section)}>
                <span className="what">
                  <strong className="cut">{title}</strong>
                  <span className="muted fine cut">{note}</span>
                </span>
                <ActionIcon
                  size="sm"
                  aria-label={`${title}: up`}
                  disabled={at === 0}
                  onClick={() => move(at, at - 1)}
                >
                  <IconArrowUp size={14} />
                </ActionIcon>
                <ActionIcon
                  size="sm"
                  aria-label={`${title}: down`}
                  disabled={at === sections.length - 1}
                  onClick={() => move(at, at + 1)}
                >
                  <IconArrowDown size={14} />
                </ActionIcon>
                <ActionIcon
                  size="sm"
                  aria-label={`${title}: take out`}
                  onClick={() => put(sections.toSpliced(at, 1))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </li>
            )
          })}
        </ol>
      )}
      <Select
        size="xs"
        aria-label="Add to the contents"
        placeholder="Add a list, a training, a table of the lab, a session…"
        searchable
        nothingFoundMessage="There is none of that name."
        data={choices.map(({ group, items }) => ({
          group,
          items: items.map(({ value, label }) => ({ value, label })),
        }))}
        value={null}
        onChange={(value) => {
          const chosen = choices.flatMap(({ items }) => items).find((item) => item.value === value)
          if (chosen) add(chosen.section)
        }}
      />
      {reportable.indexed.length > 0 && (
        <ByNumber
          saes={reportable.indexed}
          // features that are there already are a hint of which SAE is meant
          meant={sections.findLast((section) => section.kind === 'features')?.sae}
          names={reportable.names}
          onAdd={add}
        />
      )}
    </div>
  )
}

interface ByNumberProps {
  readonly saes: readonly SaeEntry[]
  /** The one that is offered unless another is chosen. */
  readonly meant: string | undefined
  readonly names: ReadonlyMap<string, string>
  onAdd(section: ReportSection): void
}

function ByNumber({ saes, meant, names, onAdd }: ByNumberProps) {
  const [chosen, setChosen] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const sae = saes.find(({ id }) => id === (chosen ?? meant)) ?? saes[0]!
  const most = sae.done?.features ?? Infinity
  const numbers = numbersIn(typed)
  const bad = numbers.find((number) => !Number.isInteger(number) || number < 0 || number >= most)
  return (
    <form
      className="report-numbers"
      onSubmit={(event) => {
        event.preventDefault()
        if (numbers.length === 0 || bad !== undefined) return
        onAdd({ kind: 'features', sae: sae.id, features: [...new Set(numbers)] })
        setTyped('')
      }}
    >
      <TextInput
        size="xs"
        aria-label="Features by their numbers"
        placeholder="Features by number: 12, 345"
        error={bad === undefined ? null : `It has features 0 to ${most - 1}.`}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {saes.length > 1 && (
        <Select
          size="xs"
          w={170}
          aria-label="Of the SAE"
          allowDeselect={false}
          data={saes.map(({ id }) => ({ value: id, label: names.get(id) ?? id }))}
          value={sae.id}
          onChange={setChosen}
        />
      )}
      <Button size="xs" type="submit" disabled={numbers.length === 0 || bad !== undefined}>
        Add
      </Button>
    </form>
  )
}
