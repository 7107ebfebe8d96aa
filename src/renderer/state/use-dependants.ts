// What in the workspace depends on a harvest, a model or an SAE, by name, for the question before that is deleted.
import { useEffect, useState } from 'react'
import type { Harvest } from '../../shared/harvests.ts'
import type { Model } from '../../shared/models.ts'
import type { SaeEntry } from '../../shared/saes.ts'
import { link } from './app.ts'
import { useCall } from './use-call.ts'

/** SAEs with the harvests they are indexed on. */
interface Indexed {
  readonly sae: SaeEntry
  readonly harvests: readonly string[]
}

/** Undefined until it is known. */
export function useIndexed(): readonly Indexed[] | undefined {
  const { output: saes } = useCall('saes.list', undefined)
  const [indexed, setIndexed] = useState<readonly Indexed[]>()
  useEffect(() => {
    if (!saes) return
    const abort = new AbortController()
    const { signal } = abort
    void Promise.all(
      saes.map(async (sae) => {
        const found = await link.call('features.indexes', { sae: sae.id }, { signal }).catch(() => [])
        return { sae, harvests: found.map(({ harvest }) => harvest) }
      }),
    ).then((all) => {
      if (!signal.aborted) setIndexed(all)
    })
    return () => abort.abort()
  }, [saes])
  return indexed
}

/** Whether an SAE is trained on the harvest; it may be named by the beginning of its id, or its path. */
export function isTrainedOn(
  { config }: Pick<SaeEntry, 'config'>,
  { id, path }: Pick<Harvest, 'id' | 'path'>,
) {
  return config?.live === false && means(config.harvest ?? '', id, path)
}

export function isReadBy(
  { config, done }: Pick<Harvest, 'config' | 'done'>,
  { id, name }: Pick<Model, 'id' | 'name'>,
) {
  return done?.model.name === name || (config !== null && means(config.model, id, name))
}

function means(text: string, id: string, other: string): boolean {
  return text !== '' && (id.startsWith(text) || text === other)
}
