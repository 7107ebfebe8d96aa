// A thread that looks at a corpus, so that a large one holds nobody up; ended with the look.
import type { CorpusPreview, CorpusSpec } from '../../shared/corpus.ts'
import { MonoscopeError } from '../../shared/errors.ts'
import type { HubAccess } from '../../shared/hub.ts'
import { Tokenizer } from '../llama/tokenizer.ts'
import { answerCalls } from '../store/thread-calls.ts'
import { previewCorpus } from './preview.ts'

export const previewCalls = {
  /** `model` is the folder of the checkpoint whose tokenizer counts. */
  preview: async (spec: CorpusSpec, hub: HubAccess, model: string | null): Promise<CorpusPreview> => {
    const tokenizer = model === null ? null : await tokenizerOf(model)
    return previewCorpus(spec, {
      endpoint: hub.endpoint,
      ...(hub.token !== null && { token: hub.token }),
      ...(tokenizer && { tokensOf: (text: string) => tokenizer.encode(text, { special: false }).ids.length }),
    })
  },
}

/** Null for a model that comes without one: the look is worth more than its count. */
async function tokenizerOf(model: string): Promise<Tokenizer | null> {
  try {
    return await Tokenizer.open(model)
  } catch (error) {
    if (error instanceof MonoscopeError) return null
    throw error
  }
}

answerCalls(previewCalls)
