// What is told of a feature at a glance: which flags there are, from which thresholds on, and the evidence each comes with.
import { z } from 'zod'

/** In this order they are the bits of a number: the first is 1, the second 2, the third 4. */
export const featureFlags = [
  'dead',
  'dense',
  'sink',
  'punctuation',
  'scaffold',
  'single-token',
  'language-specific',
  'language-independent',
] as const
export type FeatureFlag = (typeof featureFlags)[number]
export const featureFlagSchema = z.enum(featureFlags)

/** As people read them. */
export const flagTitles: Readonly<Record<FeatureFlag, string>> = {
  dead: 'Dead',
  dense: 'Dense',
  sink: 'Attention sink',
  punctuation: 'Punctuation',
  scaffold: 'Scaffold',
  'single-token': 'Single token',
  'language-specific': 'One language',
  'language-independent': 'Across languages',
}

/** From which values on a feature has a flag; docs/features.md says why. Shares are of activation, summed, unless they say otherwise. */
export const flagThresholds = {
  /** Share of the rows in which it fires. */
  dense: 0.1,
  /** Share of the rows where it fires that are special tokens or attention sinks. */
  sink: 0.5,
  /** On punctuation and spaces. */
  punctuation: 0.75,
  /** At the first four positions of text. */
  position: 0.75,
  /** Share of the contexts where it fires in which its five tokens were seen before; in at least so many contexts. */
  boilerplate: 0.5,
  boilerplateContexts: 20,
  /** On one token. */
  token: 0.9,
  /** Of its densities in the languages, added up; languages with fewer rows than that are not looked at. */
  language: 0.95,
  languageRows: 1_000,
  /** Correlation of firing in one language and in the other, over aligned texts; at least so many in which it fires in both. */
  aligned: 0.4,
  alignedTexts: 5,
  /** Firings below which only `dead` is told. */
  firings: 10,
} as const

/** A flag with what it was seen by, as a sentence: "94 % of its activation is on “ aorta”." */
export const flaggedSchema = z.object({
  flag: featureFlagSchema,
  evidence: z.string(),
  /** What was compared with the threshold. */
  value: z.number(),
  threshold: z.number(),
})
export type Flagged = z.infer<typeof flaggedSchema>

export function hasFlag(bits: number, flag: FeatureFlag): boolean {
  return (bits & (1 << featureFlags.indexOf(flag))) !== 0
}

export function flagsOf(bits: number): FeatureFlag[] {
  return featureFlags.filter((flag) => hasFlag(bits, flag))
}

export function bitsOf(flags: readonly FeatureFlag[]): number {
  return flags.reduce((bits, flag) => bits | (1 << featureFlags.indexOf(flag)), 0)
}
