// The log of a job: follows the end until one scrolls up, loads what is older, copies as text.
import { Button, SegmentedControl, Title } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../../../shared/jobs/job.ts'
import { act, copy } from '../../state/actions.ts'
import { useStream } from '../../state/use-stream.ts'
import { joinLines } from './log-lines.ts'

const PAGE = 1_000
const LINE = 20
/** Pixels of the log when it has more lines than fit. */
const HEIGHT = 220
/** Pixels from the end within which the log follows new lines. */
const NEAR = 40

export function JobLog({ id }: { readonly id: string }) {
  const { state } = useStream('jobs.log', { id })
  const [older, setOlder] = useState<readonly LogLine[]>([])
  const [level, setLevel] = useState('all')
  const scroller = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const all = joinLines(older, state ?? [])
  const lines = level === 'all' ? all : all.filter((line) => line.level !== 'info')
  const first = all[0]?.seq ?? 1
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan: 20,
  })
  const last = lines.at(-1)?.seq
  useEffect(() => {
    if (follows.current && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
    // a new last line is what moves the log
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last])
  async function loadOlder() {
    const page = await act('jobs.logPage', { id, before: first, limit: PAGE })
    if (page) setOlder(joinLines(page, all))
  }
  return (
    <section className="card">
      <div className="page-head">
        <Title order={2} className="muted">
          Log
        </Title>
        <div className="end">
          {first > 1 && <Button onClick={() => void loadOlder()}>Load older</Button>}
          <SegmentedControl
            size="xs"
            aria-label="Lines shown"
            value={level}
            onChange={setLevel}
            data={[
              { value: 'all', label: 'All' },
              { value: 'warnings', label: 'Warnings' },
            ]}
          />
          <Button
            disabled={lines.length === 0}
            onClick={() => void copy(lines.map(lineText).join('\n'), 'Log')}
          >
            Copy
          </Button>
        </div>
      </div>
      <div
        className="scroll"
        ref={scroller}
        style={{ height: lines.length === 0 ? 'auto' : Math.min(HEIGHT, rows.getTotalSize()) }}
        tabIndex={0}
        role="log"
        aria-label="Log"
        onScroll={({ currentTarget: box }) => {
          follows.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR
        }}
      >
        {lines.length === 0 && (
          <span className="muted">{level === 'all' ? 'No lines.' : 'No warnings.'}</span>
        )}
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((row) => {
            const line = lines[row.index]
            return (
              line && (
                <div
                  key={line.seq}
                  ref={rows.measureElement}
                  data-index={row.index}
                  className="log-line"
                  data-level={line.level}
                  style={{ position: 'absolute', inset: `${row.start}px 0 auto` }}
                >
                  <time>{timeOf(line)}</time>
                  <span>
                    {/* by a word too, not by colour alone */}
                    {line.level !== 'info' && <b>{line.level} </b>}
                    {line.text}
                  </span>
                </div>
              )
            )
          })}
        </div>
      </div>
    </section>
  )
}

function timeOf(line: LogLine): string {
  return new Date(line.at).toLocaleTimeString('en-GB')
}

function lineText(line: LogLine): string {
  return `${new Date(line.at).toISOString()} ${line.level} ${line.text}`
}
