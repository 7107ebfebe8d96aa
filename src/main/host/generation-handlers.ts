// The contract's completions and analyses over the model that is held for interactive work.
import type { Handlers } from '../../shared/contract/define.ts'
import { emptyGeneration, type generationContract } from '../../shared/contract/generation.ts'
import { ChatTemplate } from '../llama/chat.ts'
import type { ModelsEngine, ModelsEngineOptions } from './models-engine.ts'

export function generationHandlers(
  engine: ModelsEngine,
  resolve: ModelsEngineOptions['resolve'],
): Handlers<typeof generationContract> {
  return {
    'model.generate': async ({ rows, ...wanted }, sink, { signal }) => {
      sink.snapshot(emptyGeneration(rows.length, 'Looking for the model.'))
      const listener = {
        waiting: (reason: string) => sink.delta([{ type: 'waiting' as const, for: reason }]),
        event: (event: Parameters<typeof sink.delta>[0][number]) => sink.delta([event]),
      }
      await engine.generate(wanted, rows, listener, signal)
      sink.end()
    },
    'model.analyse': ({ text, ...wanted }, { signal }) => engine.analyse(wanted, text, signal),
    'model.abilities': async ({ model }) => {
      const { folder } = await resolve(model)
      return { chat: (await ChatTemplate.open(folder)) !== null }
    },
    'model.unload': () => engine.unload(),
  }
}
