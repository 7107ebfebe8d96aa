// Whether an SAE reads what a model writes: refused with both values where width, hook or model differ.
// Letters: D width of the model.
import { expected } from '../../shared/errors.ts'
import type { RunFacts } from './run-facts.ts'
import type { Sae } from './sae.ts'

interface Place {
  /** D */
  readonly width: number
  readonly hook: string
  readonly name: string
  /** SHA-256 of the model that will run, and of the one whose rows these are. */
  readonly modelHash: string
  readonly hash: string
}

/**
 * Throws `sae/other-width`, `sae/other-hook`, `sae/other-model`. What an SAE does not say is not held against it.
 * One from elsewhere knows its model by name only, which people may have changed: `anyName` takes it all the same.
 */
export function assertBelongs(
  { D, metadata }: Pick<Sae, 'D' | 'metadata'>,
  run: RunFacts | null,
  place: Place,
  anyName = false,
): void {
  if (D !== place.width) {
    throw expected(
      'sae/other-width',
      `This SAE reads ${D} numbers a row, and the residual stream of ${place.name} has ${place.width}.`,
      'It belongs to another model.',
    )
  }
  const hook = metadata.hook_name
  if (typeof hook === 'string' && hook !== place.hook) {
    throw expected(
      'sae/other-hook',
      `This SAE was trained at ${hook}, and the harvest is of ${place.hook}.`,
      'Choose a harvest of the same layer.',
    )
  }
  const named = metadata.model_name
  if (!run && !anyName && typeof named === 'string' && !sameName(named, place.name)) {
    throw expected(
      'sae/other-model',
      `This SAE says that it was trained on ${named}, and the rows are of ${place.name}.`,
      'Use the model it was trained on; if it is the same under another name, say so with --any-name.',
    )
  }
  const trained = run?.model.hash ?? place.hash
  for (const hash of [place.hash, place.modelHash]) {
    if (hash === trained) continue
    throw expected(
      'sae/other-model',
      `This SAE was trained on ${run?.model.name ?? 'a model'} (${trained.slice(0, 12)}…), and ${place.name} is another (${hash.slice(0, 12)}…).`,
      'Use the model whose activations it was trained on.',
    )
  }
}

/** Whether two names may be one model's. */
export function sameName(a: string, b: string): boolean {
  return bare(a) === bare(b)
}

/** Without its owner, letter case and punctuation, which differ from place to place: "meta-llama/Llama-3.2-1B". */
function bare(name: string): string {
  return (name.split('/').at(-1) ?? name).toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
