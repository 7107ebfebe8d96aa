// The models of the workspace, and those worth downloading: brought in by button, by name, or by dropping a folder.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStream } from '../../state/use-stream.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { ModelsCatalogue } from './models-catalogue.tsx'
import { ModelsHere } from './models-here.tsx'
import { ModelsImport } from './models-import.tsx'
import { useArrivals } from './use-arrivals.ts'
import { useDrop } from './use-drop.ts'

/** What the import dialog begins with; null while it is closed. */
interface Beginning {
  readonly path: string
  /** Something was dropped, and a browser does not tell from where. */
  readonly blind: boolean
}

export function ModelsPage() {
  const { state: models } = useStream('models.watch', undefined)
  const [beginning, setBeginning] = useState<Beginning | null>(null)
  useArrivals()
  const { over, handlers } = useDrop((path) => setBeginning({ path, blind: path === '' }))
  return (
    <div className="page models" data-over={over || undefined} {...handlers}>
      <PageHead
        title="Models"
        note="What reads the text and writes the completions: LLaMA models, of any size that fits."
      >
        <Button
          variant={models?.length === 0 ? 'default' : 'filled'}
          onClick={() => setBeginning({ path: '', blind: false })}
        >
          Import…
        </Button>
      </PageHead>
      {models && <ModelsHere models={models} />}
      {models && <ModelsCatalogue models={models} />}
      {over && (
        <div className="drop" aria-hidden>
          Drop a model’s folder or a .gguf file to import it
        </div>
      )}
      <ModelsImport beginning={beginning} onClose={() => setBeginning(null)} />
    </div>
  )
}
