// One click from what is looked at into the report that is being put together.
import { Button, type ButtonProps } from '@mantine/core'
import type { ReportSection } from '../../shared/report.ts'
import { addToReport } from '../state/report-draft.ts'

interface ReportButtonProps {
  readonly section: ReportSection
  readonly size?: ButtonProps['size']
}

export function ReportButton({ section, size }: ReportButtonProps) {
  return (
    <Button size={size} onClick={() => addToReport(section)}>
      Add to report
    </Button>
  )
}
