// The way the data goes, written down once: navigation, commands, folders and README follow this order.

/** A stage of the work; a stage may use the stages before it, never those after it. */
export interface Stage {
  readonly id: StageId
  /** As the navigation shows it. */
  readonly title: string
  /** One sentence for the page's head and for help texts. */
  readonly purpose: string
  /** False for a stage that has no page of its own (tokens are shown with the activations). */
  readonly page: boolean
}

export type StageId = 'corpus' | 'tokens' | 'activations' | 'sae' | 'features' | 'steering' | 'report'

export const stages: readonly Stage[] = [
  {
    id: 'corpus',
    title: 'Corpus',
    purpose: 'Choose the text the model will read, and see what is in it.',
    page: true,
  },
  {
    id: 'tokens',
    title: 'Tokens',
    purpose: 'See how the model cuts the text, and which token comes from where.',
    page: false,
  },
  {
    id: 'activations',
    title: 'Activations',
    purpose: 'Keep one layer’s residual stream with an index of every token.',
    page: true,
  },
  {
    id: 'sae',
    title: 'SAE',
    purpose: 'Train a sparse autoencoder on the kept activations, and watch its sparsity.',
    page: true,
  },
  {
    id: 'features',
    title: 'Features',
    purpose: 'See what each learned feature fires on, and find features by text.',
    page: true,
  },
  {
    id: 'steering',
    title: 'Steering',
    purpose: 'Turn a feature up or down while completions change.',
    page: true,
  },
  {
    id: 'report',
    title: 'Reports',
    purpose: 'Write up features, runs and completions as a file that stands alone.',
    page: true,
  },
]
