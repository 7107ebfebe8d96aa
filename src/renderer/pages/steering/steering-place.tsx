// Which model is steered, where the SAE does not say it or says one that is not here.
import { Checkbox } from '@mantine/core'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { change } from '../../state/steering.ts'
import { ModelInput } from '../../ui/model-input.tsx'

export function SteeringPlaceForm({ setup }: { readonly setup: SteeringSetup }) {
  const { model = '', anyName } = setup
  return (
    <div className="steering-place">
      <ModelInput
        label="Model"
        description="An id or a folder; by default the one the SAE was made for."
        value={model}
        onChange={(value) => {
          const { model: _, ...rest } = setup
          change(value === '' ? rest : { ...rest, model: value }, { movement: 'model' })
        }}
      />
      <Checkbox
        label="Take it whatever its name"
        description="For an SAE from elsewhere that calls its model by another name."
        checked={anyName}
        onChange={(event) => change({ ...setup, anyName: event.currentTarget.checked })}
      />
    </div>
  )
}
