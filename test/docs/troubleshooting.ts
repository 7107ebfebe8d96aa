// The page of errors: the codes and what is said with them come from the source, the advice is written by hand.
import { errorCodes } from './error-codes.ts'

const ENTRY = /^- \*\*`([^`]+)`\*\*.*\\\n((?: {2}.*\n)+)/gm
/** Of the messages of one code; the other places say much the same. */
const SHOWN = 4

/** The page with the messages as the source has them; throws where codes and advice do not go together. */
export function renewTroubleshooting(page: string, source: string): string {
  const codes = errorCodes(source)
  const advised = [...page.matchAll(ENTRY)].map(([, code]) => code!)
  const without = [...codes.keys()].filter((code) => !advised.includes(code))
  const gone = advised.filter((code) => !codes.has(code))
  const twice = advised.filter((code, at) => advised.indexOf(code) !== at)
  const problems = [
    ...without.map((code) => `${code} has no advice (it says: ${[...codes.get(code)!].join(' / ')})`),
    ...gone.map((code) => `${code} is in no source file any more`),
    ...twice.map((code) => `${code} is there twice`),
  ]
  if (problems.length > 0) throw new Error(`docs/troubleshooting.md: ${problems.join('; ')}.`)
  return page.replace(ENTRY, (_, code: string, advice: string) => {
    const telling = [...codes.get(code)!].filter((message) => /[a-z]{2}/.test(message))
    const messages = telling.slice(0, SHOWN).map((message) => ` “${escaped(message)}”`)
    return `- **\`${code}\`**${messages.join(' ·')}\\\n${advice}`
  })
}

/** As Markdown shows it letter by letter. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, String.raw`\$&`)
}
