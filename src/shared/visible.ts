// Text from elsewhere as it can be shown: characters that control a terminal or turn the direction get a picture.

/** C0 and C1 controls but line ends and tabs, and the marks that reorder what follows them. */
// eslint-disable-next-line no-control-regex
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

export function visible(text: string): string {
  return text.replaceAll(unseen, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    return code === 0x7f ? '␡' : '\ufffd'
  })
}
