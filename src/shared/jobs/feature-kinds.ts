// Jobs about the features of an SAE: indexed, and their index verified.
import { z } from 'zod'
import { field } from '../config.ts'
import { indexConfigSchema, indexResultSchema } from '../index-config.ts'
import { jobKind, saeField } from './kind.ts'

export const featureKinds = {
  index: jobKind({
    title: 'Index features',
    help: 'Encodes the rows of a harvest with an SAE, and writes down where each of its features fires, on what, and beside which others.',
    arguments: [],
    needsDevice: true,
    needsHub: false,
    steps: () => [
      'Encoding',
      'Counting',
      'Sorting',
      'Describing',
      'Pairing',
      'Comparing',
      'Aligned texts',
      'Checksums',
    ],
    params: indexConfigSchema,
    result: indexResultSchema,
    describe: ({ sae, harvest }) => `Index ${sae}${harvest === undefined ? '' : ` on ${harvest}`}`,
  }),
  'verify-index': jobKind({
    title: 'Verify an index',
    help: 'Checks every file and count of an index of features against its harvest, and encodes a sample of its rows again.',
    arguments: [],
    needsDevice: true,
    needsHub: false,
    steps: () => ['Checksums', 'Counting', 'Encoding'],
    params: z.object({
      sae: saeField,
      harvest: field(z.string().min(1).optional(), {
        label: 'Harvest',
        help: 'Of which harvest the index is; by default the newest index is verified.',
        input: 'harvest',
      }),
    }),
    result: z.object({
      ok: z.literal(true),
      sae: z.string(),
      harvest: z.string(),
      rows: z.number().int(),
      codes: z.number().int(),
      /** Files whose checksum is right; null for an index of before there were any. */
      checksums: z.number().int().nullable(),
      /** Rows encoded again, codes that are there only one way, and how far activations are apart at most. */
      recomputed: z.number().int(),
      changed: z.number().int(),
      maxAbsDifference: z.number(),
      maxRelDifference: z.number(),
    }),
    describe: ({ sae, harvest }) =>
      `Verify the index of ${sae}${harvest === undefined ? '' : ` on ${harvest}`}`,
  }),
}
