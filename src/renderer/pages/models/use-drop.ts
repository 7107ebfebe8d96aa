// Files and folders dropped on a page: where they lie, as far as the window may know it.
import { type DragEvent, useState } from 'react'

interface Drop {
  /** Something hovers over the page. */
  readonly over: boolean
  readonly handlers: {
    onDragOver(event: DragEvent): void
    onDragLeave(event: DragEvent): void
    onDrop(event: DragEvent): void
  }
}

/** `onPath` is told the path of the first thing dropped; in a browser, which keeps it to itself, an empty one. */
export function useDrop(onPath: (path: string) => void): Drop {
  const [over, setOver] = useState(false)
  const carries = ({ dataTransfer }: DragEvent) => dataTransfer.types.includes('Files')
  return {
    over,
    handlers: {
      onDragOver: (event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: (event) => {
        // moving on to something inside the page is no leaving
        const to = event.relatedTarget
        if (!(to instanceof Node) || !event.currentTarget.contains(to)) setOver(false)
      },
      onDrop: (event) => {
        if (!carries(event)) return
        event.preventDefault()
        setOver(false)
        const [file] = event.dataTransfer.files
        onPath(file && window.monoscope ? window.monoscope.pathOf(file) : '')
      },
    },
  }
}
