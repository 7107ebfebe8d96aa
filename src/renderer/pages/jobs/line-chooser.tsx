// Which lines of a chart are shown: a check box each, grouped by panel.
import { Button, Checkbox, Popover, Stack } from '@mantine/core'
import { lineKey, type Panel } from '../../../shared/charts/resources.ts'

interface LineChooserProps {
  readonly panels: readonly Panel[]
  /** Keys of the lines that are switched off. */
  readonly hidden: ReadonlySet<string>
  onChange(hidden: ReadonlySet<string>): void
}

export function LineChooser({ panels, hidden, onChange }: LineChooserProps) {
  function toggle(key: string) {
    const next = new Set(hidden)
    if (!next.delete(key)) next.add(key)
    onChange(next)
  }
  return (
    <Popover position="bottom-end" withArrow trapFocus>
      <Popover.Target>
        <Button>{hidden.size === 0 ? 'Lines' : `Lines (${hidden.size} off)`}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Lines shown">
        <Stack gap="xs">
          {panels.map((panel) => (
            <fieldset key={panel.title} className="bare">
              <legend className="muted">{panel.title}</legend>
              {panel.lines.map((line) => {
                const key = lineKey(panel, line)
                return (
                  <Checkbox
                    key={key}
                    size="xs"
                    label={line.name}
                    checked={!hidden.has(key)}
                    onChange={() => toggle(key)}
                  />
                )
              })}
            </fieldset>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
