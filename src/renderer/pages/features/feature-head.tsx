// The head of a feature: what it is called, how often and how strongly it fires, and what can be done with it.
import { ActionIcon, Button, Menu, Title, Tooltip } from '@mantine/core'
import {
  IconArrowLeft,
  IconArrowRight,
  IconDots,
  IconLink,
  IconMaximize,
  IconPhoto,
  IconReport,
} from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { FeaturePage } from '../../../shared/features.ts'
import { steer } from '../../app/steer.ts'
import { copy } from '../../state/actions.ts'
import { addToReport } from '../../state/report-draft.ts'
import { labelOf, type Notes } from '../../state/feature-rows.ts'
import { densityWords, featureAddress, numberWords } from '../../ui/feature-words.ts'
import { activationWords } from '../../../shared/heat.ts'
import { ReportButton } from '../../ui/report-button.tsx'
import { shareFeaturePicture } from './feature-picture.ts'
import { EvidentFlags } from './flag-tags.tsx'
import { LabelEdit } from './label-edit.tsx'
import { StarButton } from './star-button.tsx'

interface FeatureHeadProps {
  readonly sae: string
  readonly page: FeaturePage
  readonly notes: Notes
  /** It stands beside the table: its own page can be opened. */
  readonly beside: boolean
  onOpen(feature: number): void
}

export function FeatureHead({ sae, page, notes, beside, onOpen }: FeatureHeadProps) {
  const { feature, harvest, density, max, mean, firings, contexts, flags, before, after } = page
  const [editing, setEditing] = useState(false)
  const navigate = useNavigate()
  const note = notes.get(feature)
  const label = labelOf(note)
  const reported = { kind: 'features' as const, sae, harvest, features: [feature] }
  return (
    <header className="feature-head">
      <div className="feature-title">
        <Title order={beside ? 2 : 1}>{feature}</Title>
        <LabelEdit
          sae={sae}
          feature={feature}
          label={label}
          instead="no label yet"
          editing={editing}
          onEditing={setEditing}
        />
        <div className="end">
          <Step name="Feature before" to={before} onOpen={onOpen}>
            <IconArrowLeft size={16} />
          </Step>
          <Step name="Feature after" to={after} onOpen={onOpen}>
            <IconArrowRight size={16} />
          </Step>
          <StarButton sae={sae} feature={feature} starred={note?.starred ?? false} size="md" />
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label="More to do with it">
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {beside && (
                <Menu.Item
                  leftSection={<IconMaximize size={14} />}
                  onClick={() =>
                    void navigate({
                      to: '/features/$sae/$harvest/$feature',
                      params: { sae, harvest, feature: String(feature) },
                    })
                  }
                >
                  Open its page
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconReport size={14} />} onClick={() => addToReport(reported)}>
                Add to report
              </Menu.Item>
              <Menu.Item
                leftSection={<IconLink size={14} />}
                onClick={() => void copy(featureAddress(sae, harvest, feature), 'Link')}
              >
                Copy link
              </Menu.Item>
              <Menu.Item
                leftSection={<IconPhoto size={14} />}
                onClick={() => void shareFeaturePicture(page, label)}
              >
                Copy as image
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          {!beside && <ReportButton section={reported} />}
          {firings > 0 && (
            <Button variant="filled" data-tour="steer" onClick={() => void steer(navigate, sae, feature)}>
              Steer
            </Button>
          )}
        </div>
      </div>
      <div className="feature-facts muted">
        <EvidentFlags flags={flags} />
        {firings > 0 && (
          <>
            <span>
              density <b>{densityWords(density)}</b>
            </span>
            <span>
              max <b>{activationWords(max)}</b>
            </span>
            <span>
              mean <b>{activationWords(mean)}</b>
            </span>
            <span>
              fires on <b>{numberWords(firings)}</b> tokens in <b>{numberWords(contexts)}</b> contexts
            </span>
          </>
        )}
      </div>
    </header>
  )
}

interface StepProps {
  readonly name: string
  readonly to: number | null
  readonly children: React.ReactNode
  onOpen(feature: number): void
}

/** To the next one that fires at all. */
function Step({ name, to, children, onOpen }: StepProps) {
  return (
    <Tooltip label={to === null ? 'There is none' : `${name}: ${to}`}>
      <ActionIcon aria-label={name} disabled={to === null} onClick={() => to !== null && onOpen(to)}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
