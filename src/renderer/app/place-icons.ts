// A picture for every place, for the rail and the palette.
import {
  IconActivityHeartbeat,
  IconAdjustmentsHorizontal,
  IconBox,
  IconChartDots3,
  IconCpu,
  IconFileText,
  IconLetterCase,
  IconListCheck,
  IconMessageDots,
  IconReport,
  IconSettings,
  IconSparkles,
  type TablerIcon,
} from '@tabler/icons-react'
import type { PlaceId } from './places.ts'

export const placeIcons: Readonly<Record<PlaceId, TablerIcon>> = {
  corpus: IconFileText,
  tokens: IconLetterCase,
  activations: IconActivityHeartbeat,
  sae: IconChartDots3,
  features: IconSparkles,
  steering: IconAdjustmentsHorizontal,
  report: IconReport,
  models: IconBox,
  prompts: IconMessageDots,
  jobs: IconListCheck,
  device: IconCpu,
  settings: IconSettings,
}
