// How text is compared in a search: without case and accents, as SQLite's tokenizers do.
const word = /[\p{L}\p{N}\p{Co}]/u
const ascii = /^\p{ASCII}*$/u
const folded = new Map<string, string>()

/** `text` in lower case and without accents, as long as before, so that places stay where they are. */
export function foldText(text: string): string {
  if (ascii.test(text)) return text.toLowerCase()
  let result = ''
  for (const character of text) {
    let fold = folded.get(character)
    if (fold === undefined) folded.set(character, (fold = foldCharacter(character)))
    result += fold
  }
  return result
}

/** Whether `character` (one code point) is part of a word; everything else separates words. */
export function isWordCharacter(character: string): boolean {
  const code = character.charCodeAt(0)
  if (code >= 128) return word.test(character)
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90)
}

/** As SQLite: accents go from Latin letters only, and Japanese or Cyrillic ones that look like an accent stay. */
function foldCharacter(character: string): string {
  const plain = character
    .normalize('NFD')
    .replace(/\p{M}+$/u, '')
    .toLowerCase()
  if (/^[a-z]$/.test(plain)) return plain
  const lower = character.toLowerCase()
  return lower.length === character.length ? lower : character
}
