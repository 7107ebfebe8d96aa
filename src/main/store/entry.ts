// Where a process or worker starts: its source file when running from source, its bundle when built.

/**
 * The file to start for `name` ("store/reader-worker", "compute/index"), seen from the module at `from`
 * (its `import.meta.url`). Builds place every entry beside each other, named by its last distinctive part.
 */
export function entryUrl(name: string, from: string): URL {
  const source = from.lastIndexOf('/src/main/')
  if (source >= 0 && from.endsWith('.ts')) return new URL(`${from.slice(0, source)}/src/main/${name}.ts`)
  return new URL(`./${entryName(name)}.js`, from)
}

/** "compute/index" → "compute", "store/reader-worker" → "reader-worker": the bundle's name. */
export function entryName(name: string): string {
  const parts = name.split('/')
  const last = parts.at(-1) ?? name
  return last === 'index' ? (parts.at(-2) ?? last) : last
}
