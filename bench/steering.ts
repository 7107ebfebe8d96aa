// Steering on the demo model: how long it takes, and what the features do.
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resolvePlace } from '../src/main/steering/place.ts'
import { workspaceAt } from '../src/main/store/workspace.ts'
import { samplingSchema } from '../src/shared/generation.ts'
import { type EffectOptions, measureEffects } from './steering-effects.ts'
import { measureTimes } from './steering-times.ts'
import { domains } from './steering-words.ts'

/** A workspace with a harvest of the demo, an SAE trained on it by the app's defaults, and its index. */
const WORKSPACE = process.env.MONOSCOPE_BENCH_WORKSPACE
const MODEL = fileURLToPath(new URL('../resources/demo/model', import.meta.url))

/** A small model repeats itself without a penalty. */
const EFFECTS: EffectOptions = {
  sampling: samplingSchema.parse({ temperature: 0.5, topP: 0.8, repetitionPenalty: 1.55 }),
  ...{ candidates: 24, strengths: [0.85, 1, 1.15, 1.3, 1.5], screening: { prompts: 4, features: 6 } },
  pairs: true,
  rounds: [
    { arms: 210, prompts: 4 },
    { arms: 32, prompts: 8 },
    { arms: 8, prompts: 32 },
  ],
  judging: { prompts: 20, samples: 5 },
}

export async function benchSteering(): Promise<void> {
  console.log('\nSteering, demo model')
  const saes = WORKSPACE === undefined ? null : join(WORKSPACE, 'saes')
  const there =
    saes !== null &&
    (await access(saes).then(
      () => true,
      () => false,
    ))
  if (!there) {
    console.log('  Skipped: MONOSCOPE_BENCH_WORKSPACE names no workspace with an SAE of the demo.')
    return
  }
  const workspace = workspaceAt(WORKSPACE!)
  const [sae] = (await readdir(workspace.saes)).filter((id) => !id.startsWith('.'))
  const found = await resolvePlace({ sae: sae!, model: MODEL }, workspace, [])
  await measureTimes(found)
  if (process.env.MONOSCOPE_BENCH_EFFECTS === '0') return
  if (!(await measureEffects(found, await domains(), EFFECTS))) process.exitCode = 1
}
