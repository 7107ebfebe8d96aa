// The passes over codes that are on disk: sorted by feature, described, counted beside each other, compared, and read on aligned texts.
import type { IndexManifest } from '../../shared/features.ts'
import { featureFlags } from '../../shared/feature-flags.ts'
import type { HarvestIndex } from '../activations/harvest-index.ts'
import { DirectLogits } from '../llama/direct-logits.ts'
import { hookOf } from '../llama/hook.ts'
import { VocabularyMarks } from '../sae/marks.ts'
import { openEncoder } from '../sae/parted-encoder.ts'
import { alignedTexts, flagsAcross } from './aligned.ts'
import { planBuckets, removeSpill, spill } from './buckets.ts'
import { describeBuckets } from './describe-buckets.ts'
import { Directions } from './directions.ts'
import type { FeatureWriter } from './feature-writer.ts'
import type { Groups } from './groups.ts'
import type { IndexOrder, IndexWork } from './index-order.ts'
import type { Survey } from './survey.ts'
import { countTogether, featuresAtOnce } from './together.ts'

interface Parts {
  readonly writer: FeatureWriter
  readonly index: HarvestIndex
  readonly groups: Groups['all']
  readonly survey: Survey
  readonly work: IndexWork
}

/** Each goes on where it was; by which texts it is told what fires across languages. */
export async function passes(
  order: IndexOrder,
  parts: Parts,
): Promise<Pick<IndexManifest, 'aligned' | 'alignedWhy'>> {
  await sortAndDescribe(order, parts)
  await pair(order, parts)
  await compare(order, parts)
  return readAligned(order, parts)
}

async function sortAndDescribe(
  { folder, harvest, model, limits }: IndexOrder,
  { writer, survey, groups, work }: Parts,
): Promise<void> {
  const shards = harvest.manifest.shards.length
  const F = survey.firings.length
  const starts = planBuckets(survey.firings, limits?.bucket)
  if ((writer.progress().buckets ?? 0) + 1 < starts.length) {
    await spill({
      ...{ folder, shards, starts },
      onShard: async (done) => {
        work.onProgress('Sorting', done, shards)
        await work.checkpoint()
      },
    })
    await describeBuckets({
      ...{ folder, starts, writer, survey, most: limits?.bucket },
      describing: {
        ...{ groups: groups.length, positions: survey.rowsByPosition.length, bos: survey.special > 0 },
        marks: model && new VocabularyMarks(model.tokenizer),
      },
      facts: {
        ...{ survey, groups },
        spelled: (token) =>
          model?.tokenizer.decode([token], { special: true, continues: true }) ?? `token ${token}`,
      },
      onFeatures: async (done) => {
        work.onProgress('Describing', done, F)
        await work.checkpoint()
      },
    })
  }
  work.onProgress('Describing', F, F)
  await removeSpill(folder)
}

async function pair({ folder, harvest, limits }: IndexOrder, { writer, survey, work }: Parts): Promise<void> {
  const { firings, rows } = survey
  const shards = harvest.manifest.shards.length
  const F = firings.length
  const atOnce = limits?.pass ?? featuresAtOnce(F)
  const begun = writer.progress().together ?? 0
  const room = new Uint16Array(begun < F ? Math.min(atOnce, F) * F : 0)
  for (let from = begun; from < F; from += atOnce) {
    const count = Math.min(atOnce, F - from)
    const found = await countTogether({
      ...{ folder, shards, rows, firings, from, count, room },
      onShard: async (done) => {
        work.onProgress('Pairing', from + (count * done) / shards, F)
        await work.checkpoint()
      },
    })
    writer.commit({ together: from + count }, () => {
      for (const [at, { sample, together }] of found.entries()) writer.together(from + at, sample, together)
    })
  }
  work.onProgress('Pairing', F, F)
}

async function compare(
  { sae, model, device, limits }: IndexOrder,
  { writer, survey, work }: Parts,
): Promise<void> {
  const { F } = sae
  const begun = writer.progress().directions ?? 0
  if (begun < F) {
    const logits = model && (await DirectLogits.open(model.checkpoint, device))
    const directions = await Directions.open(sae, device, { logits, most: limits?.part })
    try {
      for (let from = begun; from < F; from += directions.block) {
        const found = await directions.of(from, Math.min(directions.block, F - from))
        writer.commit({ directions: from + found.length }, () => {
          for (const { feature, norm, near, logits: effects } of found)
            writer.direction(feature, norm, near, effects)
        })
        work.onProgress('Comparing', from + found.length, F)
        await work.checkpoint()
      }
    } finally {
      await directions.close()
    }
    if (model) {
      const { checkpoint, tokenizer } = model
      writer.commit({}, () => writer.tokens(tokenizer, survey.rowsByToken, checkpoint.config.vocabulary))
    }
  }
  work.onProgress('Comparing', F, F)
}

async function readAligned(
  { sae, harvest, model, noModel, device, limits }: IndexOrder,
  { writer, index, work }: Parts,
): Promise<Pick<IndexManifest, 'aligned' | 'alignedWhy'>> {
  const texts = model && (await alignedTexts(index))
  const total = texts?.pairs.length ?? 1
  if (texts && writer.progress().aligned !== true) {
    const encoder = await openEncoder(sae, device, limits?.part)
    const found = await flagsAcross(texts, {
      ...{ ...model, device, encoder, maxima: writer.maxima() },
      hook: hookOf(harvest.manifest.model.hook, model.checkpoint.config),
      onPair: async (done) => {
        work.onProgress('Aligned texts', done, total)
        await work.checkpoint()
      },
    }).finally(() => encoder.close())
    writer.commit({ aligned: true }, () => {
      for (const [feature, flagged] of found) {
        const flags = [...writer.flags(feature), flagged]
        writer.setFlags(
          feature,
          flags.sort((a, b) => featureFlags.indexOf(a.flag) - featureFlags.indexOf(b.flag)),
        )
      }
    })
  }
  work.onProgress('Aligned texts', total, total)
  if (texts) {
    const { source, languages, pairs } = texts
    return { aligned: { source, languages: [...languages], texts: pairs.length }, alignedWhy: null }
  }
  return { aligned: null, alignedWhy: noModel ?? 'No texts of one meaning in two languages are at hand.' }
}
