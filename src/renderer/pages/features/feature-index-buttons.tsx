// What can be done with an index of features: check it, or delete it after a question that says what that frees.
import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { FeatureIndex } from '../../../shared/features.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { formatBytes } from '../../../shared/units.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { act, showDone } from '../../state/actions.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { saeName } from '../../ui/sae-words.ts'
import { useIndexCheck } from './feature-index-verified.tsx'

interface FeatureIndexButtonsProps {
  readonly sae: SaeEntry
  readonly index: FeatureIndex
  onDeleted(): void
}

export function FeatureIndexButtons({ sae, index, onDeleted }: FeatureIndexButtonsProps) {
  const [asking, question] = useDisclosure(false)
  const check = useIndexCheck(sae.id, index.harvest)
  async function remove() {
    const removed = await act('features.removeIndex', { sae: sae.id, harvest: index.harvest })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    question.close()
    onDeleted()
  }
  return (
    <>
      {index.state === 'ready' && (
        <Button
          loading={check !== undefined && isActive(check.state)}
          onClick={() =>
            void act('jobs.start', { kind: 'verify-index', params: { sae: sae.id, harvest: index.harvest } })
          }
        >
          Verify
        </Button>
      )}
      <Button onClick={question.open}>Delete index…</Button>
      <DeleteDialog
        title={`Delete the index of ${saeName(sae)}?`}
        opened={asking}
        onClose={question.close}
        onDelete={remove}
      >
        <p className="lead">
          What each feature fires on is deleted, which frees {formatBytes(index.bytes)}. The SAE, the harvest,
          labels, stars and notes stay, and it can be indexed again.
        </p>
      </DeleteDialog>
    </>
  )
}
