// What is said of features that tell nothing, because they never fire or fire nearly always: what it means and what can be done.
import { Link } from '@tanstack/react-router'
import type { FeaturePage, IndexManifest } from '../../../shared/features.ts'
import { flagThresholds } from '../../../shared/feature-flags.ts'
import { densityWords, numberWords } from '../../ui/feature-words.ts'

interface FeatureHonestyProps {
  readonly page: FeaturePage
  readonly manifest: IndexManifest | null
  readonly sae: string
}

export function FeatureHonesty({ page, manifest, sae }: FeatureHonestyProps) {
  const has = (flag: string) => page.flags.some((each) => each.flag === flag)
  if (has('dead') || page.firings === 0) return <Dead page={page} manifest={manifest} sae={sae} />
  if (has('dense')) return <Dense page={page} sae={sae} />
  return null
}

function Dead({ page, manifest, sae }: FeatureHonestyProps) {
  return (
    <div className="honest" role="note">
      <strong>
        This feature is dead: it fires on none of {manifest ? `the ${numberWords(manifest.rows)} ` : 'the '}
        rows of the index.
      </strong>
      <p>
        There are no contexts to show. Its direction is still in the SAE (norm{' '}
        {Number(page.decoderNorm.toPrecision(3))}), so what it would raise and lower, and which features point
        the same way, is below; but it was hardly trained, so that means little.
      </p>
      <p>
        {manifest && manifest.share < 1
          ? `Only ${densityWords(manifest.share)} of the contexts were indexed: it may fire on the others. `
          : 'Text of another kind may make it fire: try it below. '}
        Many dead features are a matter of training: <Doctor sae={sae} />
      </p>
    </div>
  )
}

function Dense({ page, sae }: Omit<FeatureHonestyProps, 'manifest'>) {
  return (
    <div className="honest" role="note">
      <strong>
        This feature is dense: it fires on {densityWords(page.density)} of all tokens; from{' '}
        {densityWords(flagThresholds.dense)} on a feature counts as that.
      </strong>
      <p>
        Such features seldom mean one thing: they carry what most tokens share, like a bias, a position or the
        length of the row. Look at the strongest group alone, where it may be clearer, and do not read much
        into its weak firings. If many are so, train with more sparsity: <Doctor sae={sae} />
      </p>
    </div>
  )
}

function Doctor({ sae }: Pick<FeatureHonestyProps, 'sae'>) {
  return (
    <>
      the{' '}
      <Link to="/sae/$id" params={{ id: sae }}>
        sparsity doctor
      </Link>{' '}
      says which knob to turn.
    </>
  )
}
