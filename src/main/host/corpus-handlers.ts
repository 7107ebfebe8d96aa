// The contract's first looks at corpora, each in a thread of its own.
import type { Handlers } from '../../shared/contract/define.ts'
import type { corpusContract } from '../../shared/contract/corpus.ts'
import { corpusPresets, corpusSpecSchema } from '../../shared/corpus.ts'
import { cancelled, expected } from '../../shared/errors.ts'
import type { HubAccess } from '../../shared/hub.ts'
import type { previewCalls } from '../corpus/preview-worker.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { demoFile } from './demo/bundled-demo.ts'
import type { ModelsEngineOptions } from './models-engine.ts'

/** Milliseconds a look may take. */
const PATIENCE = 120_000

export function corpusHandlers(
  resolve: ModelsEngineOptions['resolve'],
  hub: () => Promise<HubAccess>,
): Handlers<typeof corpusContract> {
  return {
    'corpus.preview': async ({ spec, model }, { signal }) => {
      const folder = model === undefined ? null : (await resolve(model)).folder
      const thread = new Thread<typeof previewCalls>(entryUrl('corpus/preview-worker', import.meta.url))
      const slow = AbortSignal.timeout(PATIENCE)
      const stop = AbortSignal.any([signal, slow])
      const ended = () => void thread.end()
      stop.addEventListener('abort', ended)
      try {
        return await thread.call('preview', [spec, await hub(), folder])
      } catch (error) {
        if (signal.aborted) throw cancelled()
        if (!slow.aborted) throw error
        throw expected(
          'corpus/slow',
          `Looking at ${spec.path} took more than ${PATIENCE / 1000} seconds, and was given up.`,
          'Where the disk or the connection is slow, look at a single file of it.',
        )
      } finally {
        stop.removeEventListener('abort', ended)
        await thread.end()
      }
    },
    'corpus.presets': () => {
      const demo = demoFile('corpus/demo.jsonl.zst')
      const own = {
        label: 'Demo corpus',
        help: 'Scripture in English and Spanish, fiction, computing, medicine and Python; comes with Monoscope.',
      }
      const fields = { textField: 'text', stratumField: 'meta.pile_set_name', languageField: 'meta.lang' }
      const known = [
        ...(demo === null ? [] : [{ ...own, spec: { path: demo, ...fields } }]),
        ...corpusPresets,
      ]
      return known.map(({ spec, ...preset }) => ({ ...preset, spec: corpusSpecSchema.parse(spec) }))
    },
  }
}
