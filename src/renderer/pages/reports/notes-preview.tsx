// Notes as they will look: Markdown without HTML, pictures and links that lead away.
import MarkdownIt from 'markdown-it'
import { useMemo } from 'react'

const renderer = new MarkdownIt({ html: false, linkify: false }).disable('image')
renderer.renderer.rules.link_open = () => '<u>'
renderer.renderer.rules.link_close = () => '</u>'

export function NotesPreview({ text }: { readonly text: string }) {
  const html = useMemo(() => renderer.render(text), [text])
  return <div className="notes-preview" dangerouslySetInnerHTML={{ __html: html }} />
}
