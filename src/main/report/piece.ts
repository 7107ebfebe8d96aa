// The pieces of a report: each is read, written by every format, and let go.
import type { FeatureNote } from '../../shared/feature-notes.ts'
import type { FeaturePage, IndexManifest } from '../../shared/features.ts'
import type { LabRun } from '../../shared/prompt-lab.ts'
import type { TrainingCurves } from '../../shared/saes.ts'
import type { SteeringSession } from '../../shared/steering-sessions.ts'
import type { RunFacts } from '../sae/run-facts.ts'

/** A feature with what people say of it. */
export interface ReportedFeature {
  readonly sae: string
  readonly label: string | null
  readonly note: FeatureNote | undefined
  readonly page: FeaturePage
}

/** An index that features are read from. */
export interface ReportedIndex {
  /** Name of the SAE's folder. */
  readonly sae: string
  readonly manifest: IndexManifest
  /** (D): the feature's row of the decoder, read when it is asked for; null where its weights cannot be read. */
  readonly direction: ((feature: number) => Promise<Float32Array>) | null
}

export interface ReportedTraining {
  readonly sae: string
  readonly run: RunFacts | null
  readonly evaluation: { readonly ceRecovered: number; readonly kl: number } | null
  readonly curves: TrainingCurves
}

export type Piece =
  | { readonly kind: 'heading'; readonly title: string; readonly note: string }
  | { readonly kind: 'feature'; readonly feature: ReportedFeature }
  | { readonly kind: 'training'; readonly training: ReportedTraining }
  | { readonly kind: 'lab'; readonly run: LabRun; readonly labels: ReadonlyMap<number, string> }
  | { readonly kind: 'session'; readonly session: SteeringSession }
