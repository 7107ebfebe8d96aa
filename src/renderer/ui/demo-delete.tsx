// The question before what the demo has made is deleted: what goes, and how much space that frees.
import { formatBytes } from '../../shared/units.ts'
import { act, showDone } from '../state/actions.ts'
import { DeleteDialog } from './delete-dialog.tsx'

/** A part of it, as the host tells. */
interface Piece {
  readonly name: string
  readonly bytes: number
}

interface DemoDeleteProps {
  readonly pieces: readonly Piece[]
  readonly opened: boolean
  onClose(): void
}

export function DemoDelete({ pieces, opened, onClose }: DemoDeleteProps) {
  async function remove() {
    const removed = await act('demo.remove', undefined)
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    onClose()
  }
  return (
    <DeleteDialog title="Delete what the demo has made?" opened={opened} onClose={onClose} onDelete={remove}>
      <p className="lead">
        This frees {formatBytes(bytesOf(pieces))}. It cannot be undone, but the demo can be run again.
      </p>
      <ul className="demo-pieces">
        {pieces.map(({ name, bytes }) => (
          <li key={name}>
            <span>{name}</span>
            <span className="muted value">{bytes > 0 && formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </DeleteDialog>
  )
}

export function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes, 0)
}
