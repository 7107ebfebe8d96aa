// Every variant of sparse autoencoder; a new one is a file of its own and a line here.
import type { VariantId } from '../../../shared/sae.ts'
import { batchTopk } from './batchtopk.ts'
import { gated } from './gated.ts'
import { jumprelu } from './jumprelu.ts'
import { matryoshka } from './matryoshka.ts'
import { reluL1 } from './relu-l1.ts'
import { reluL1Unit } from './relu-l1-unit.ts'
import { switchSae } from './switch.ts'
import { topk } from './topk.ts'
import type { Variant } from './variant.ts'

export const variants: Readonly<Record<VariantId, Variant>> = {
  topk,
  batchtopk: batchTopk,
  matryoshka,
  'relu-l1': reluL1,
  'relu-l1-unit': reluL1Unit,
  jumprelu,
  gated,
  switch: switchSae,
}
