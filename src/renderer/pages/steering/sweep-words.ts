// What a sweep says of the sweet spot: where it is, or why there is none, and at which strength what collapses.
import { type Collapse, collapseOf, sweetSpotOf } from '../../../shared/sweet-spot.ts'
import type { SweepPoint } from '../../../shared/steering-effect.ts'
import { strengthWords } from './strength-slider.tsx'

/** Behind the strength, or without one; of the points of a sweep that is whole. */
export function sweetSpotWords(points: readonly SweepPoint[]): string {
  const collapse = collapseOf(points)
  if (sweetSpotOf(points) !== null) {
    const end = collapse
      ? `It collapses at ${strengthWords(collapse.strength)}: ${flawWords(collapse)}.`
      : 'It does not within this sweep.'
    return `the strength with the greatest effect before fluency collapses. ${end}`
  }
  if (!collapse) return 'No sweet spot: no strength but 0 was tried.'
  const more =
    collapse.measure === 'perplexity'
      ? 'A weaker one may still be right: drag the slider.'
      : 'One text that repeats itself can do that: sweep with more texts each, or set a repetition penalty in Sampling.'
  return `No sweet spot: at ${strengthWords(collapse.strength)}, the weakest strength of the sweep, ${flawWords(collapse)}. ${more}`
}

function flawWords({ measure, value, limit }: Collapse): string {
  switch (measure) {
    case 'distinct':
      return `${percent(value)} of a text’s words are different ones, where ${percent(limit)} is the least`
    case 'repeated':
      return `${percent(value)} of a text’s runs of four words were there before, where ${percent(limit)} is the most`
    case 'perplexity':
      return `perplexity is ${round(value)}, where ${round(limit)} is the most`
  }
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`
}

function round(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US')
}
