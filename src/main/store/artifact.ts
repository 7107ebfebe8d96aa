// Which artifact of a workspace a person means: by its id, the beginning of one, or the path of its folder.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { explained } from './io-error.ts'

/** `noun` names the kind in codes and messages: "harvest", "sae". Throws `<noun>/unknown`, `<noun>/ambiguous`. */
export async function resolveArtifact(folder: string, text: string, noun: string): Promise<string> {
  if (/[/\\]/.test(text) || text.startsWith('.')) return resolve(text)
  const ids = (await explained(folder, () => readdir(folder))).filter((id) => id.startsWith(text))
  const [id] = ids.includes(text) ? [text] : ids
  if (id === undefined || text === '') {
    throw expected(
      `${noun}/unknown`,
      `There is no ${noun === 'sae' ? 'SAE' : noun} "${text}".`,
      `"monoscope ${noun}s" lists them; a path works as well.`,
    )
  }
  if (ids.length > 1 && id !== text) {
    throw expected(`${noun}/ambiguous`, `${ids.length} ids begin with "${text}".`, 'Give more of the id.')
  }
  return join(folder, id)
}
