// Models in words: how large, how they got here, whether they fit; pure, so that list, catalogue and page say the same.
import type { Fit } from '../../../shared/model-memory.ts'
import type { Model, Origin } from '../../../shared/models.ts'
import { formatBytes, formatParameters } from '../../../shared/units.ts'

export const fitWords: Readonly<Record<Fit, string>> = {
  fits: 'fits',
  tight: 'tight',
  'too large': 'too large',
  unknown: 'memory unknown',
}

/** "6 blocks, width 192, 3.15 M parameters". */
export function sizeWords({ architecture: { layers, width }, parameters }: Model): string {
  return `${layers} blocks, width ${width.toLocaleString('en-US')}, ${formatParameters(parameters)} parameters`
}

/** "6.3 MB bfloat16". */
export function storedWords({ bytes, dtypes }: Model): string {
  return `${formatBytes(bytes)} ${dtypes.join(', ')}`
}

export function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'folder':
      return 'a folder of this machine'
    case 'gguf':
      return 'a GGUF file, converted'
    case 'hub':
      return `${new URL(origin.endpoint).host}/${origin.repository}`
  }
}

const licences: Readonly<Record<string, string>> = {
  'llama3.2': 'Llama 3.2 Community License',
  'apache-2.0': 'Apache-2.0',
  mit: 'MIT',
}

/** As people call it, where its short name is known. */
export function licenceWords(licence: string | null): string {
  return licence === null ? 'not stated by its source' : (licences[licence] ?? licence)
}
