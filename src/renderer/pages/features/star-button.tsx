// The star of a feature, which keeps it in sight.
import { ActionIcon } from '@mantine/core'
import { IconStar, IconStarFilled } from '@tabler/icons-react'
import { act } from '../../state/actions.ts'

interface StarButtonProps {
  readonly sae: string
  readonly feature: number
  readonly starred: boolean
  readonly size: 'xs' | 'md'
}

export function StarButton({ sae, feature, starred, size }: StarButtonProps) {
  const pixels = size === 'xs' ? 14 : 16
  return (
    <ActionIcon
      size={size}
      className="star"
      aria-label={`Star feature ${feature}`}
      aria-pressed={starred}
      onClick={(event) => {
        event.stopPropagation()
        void act('features.annotate', { sae, feature, starred: !starred })
      }}
    >
      {starred ? <IconStarFilled size={pixels} /> : <IconStar size={pixels} />}
    </ActionIcon>
  )
}
