// Hands a text to the person as a file.

/** `name` may hold anything; what no file system likes becomes "-". */
export function saveText(name: string, text: string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name.replace(/[^\p{L}\p{N}. _-]+/gu, '-')
  link.click()
  URL.revokeObjectURL(link.href)
}
