// Hands files to the person, as a browser does: into the folder of downloads.

/** Milliseconds a browser may take to fetch what was clicked. */
const FETCHED = 40_000

export function saveFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file)
  saveUrl(name, url)
  setTimeout(() => URL.revokeObjectURL(url), FETCHED)
}

/** What `url` leads to, a data URL for one. `name` may hold anything; what no file system likes becomes "-". */
export function saveUrl(name: string, url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name.replace(/[^\p{L}\p{N}. _-]+/gu, '-')
  link.click()
}
