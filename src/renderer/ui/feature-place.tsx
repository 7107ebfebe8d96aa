// Whose features are looked at: a choice of the SAEs of the workspace and the harvests each is indexed on.
import { Select } from '@mantine/core'
import type { FeatureIndex } from '../../shared/features.ts'
import type { SaeEntry } from '../../shared/saes.ts'
import { useIndexes } from '../state/use-features.ts'
import { useSaes } from '../state/use-saes.ts'
import { uniqueNames } from './sae-words.ts'

interface Place {
  readonly sae: SaeEntry
  readonly name: string
  /** Undefined for an SAE that has none. */
  readonly index: FeatureIndex | undefined
}

/** All places there are, those of the newest SAE first, and the one that is meant: by default the first that is ready. */
export function usePlaces(sae: string | undefined, harvest: string | undefined) {
  const { output, error: failed } = useSaes()
  const saes = output?.filter(({ done }) => done !== null)
  const { indexes, error, refresh } = useIndexes((saes ?? []).map(({ id }) => id))
  // what is asked of the new ones is answered a moment later
  if (!saes || !indexes || saes.some(({ id }) => !indexes.has(id))) {
    return { places: undefined, place: undefined, training: false, error: failed ?? error, refresh }
  }
  const names = uniqueNames(saes)
  const places = saes.flatMap((one, at): Place[] => {
    const own = indexes.get(one.id) ?? []
    const name = names[at]!
    return own.length === 0
      ? [{ sae: one, name, index: undefined }]
      : own.map((index) => ({ sae: one, name, index }))
  })
  const meant =
    sae === undefined
      ? undefined
      : (places.find((each) => each.sae.id === sae && each.index?.harvest === harvest) ??
        places.find((each) => each.sae.id === sae))
  const place =
    meant ??
    places.find(({ index }) => index?.state === 'ready') ??
    places.find(({ index }) => index) ??
    places[0]
  const training = output?.some(({ state }) => state === 'training' || state === 'importing') ?? false
  return { places, place, training, error: failed ?? error, refresh }
}

interface PlaceChoiceProps {
  readonly places: readonly Place[]
  readonly place: Place
  onPlace(place: Place): void
}

export function PlaceChoice({ places, place, onPlace }: PlaceChoiceProps) {
  const options = places.map((each, at) => ({ value: String(at), label: placeWords(each, places) }))
  return (
    <Select
      size="xs"
      w={260}
      aria-label="SAE and harvest"
      allowDeselect={false}
      data={options}
      value={String(places.indexOf(place))}
      onChange={(value) => {
        const chosen = places[Number(value)]
        if (chosen) onPlace(chosen)
      }}
      comboboxProps={{ width: 'max-content', position: 'bottom-end' }}
    />
  )
}

/** "topk × 1,536", with what tells it from others: its harvest, or that it has no index. */
function placeWords({ sae, name, index }: Place, places: readonly Place[]): string {
  if (!index) return `${name} · not indexed`
  const several = places.filter((each) => each.sae.id === sae.id).length > 1
  const state = index.state === 'ready' ? '' : ` · ${index.state}`
  return `${name}${several ? ` · on ${index.harvest}` : ''}${state}`
}
