// The flags of a feature as small tags; on its page each says on hover or focus by what it was seen.
import { Tooltip } from '@mantine/core'
import { type FeatureFlag, type Flagged, flagTitles } from '../../../shared/feature-flags.ts'
import { flagNames } from '../../ui/feature-words.ts'

/** Without evidence: for rows of a table. */
export function FlagTags({ flags }: { readonly flags: readonly FeatureFlag[] }) {
  return flags.map((flag) => (
    <span key={flag} className="tag" data-flag={flag}>
      {flagNames[flag]}
    </span>
  ))
}

export function EvidentFlags({ flags }: { readonly flags: readonly Flagged[] }) {
  return flags.map(({ flag, evidence }) => (
    <Tooltip
      key={flag}
      label={evidence}
      multiline
      maw={340}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className="tag" data-flag={flag} aria-label={`${flagTitles[flag]}: ${evidence}`}>
        {flagTitles[flag]}
      </button>
    </Tooltip>
  ))
}
