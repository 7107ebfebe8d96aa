// Whether the sheet of shortcuts is open; the keyboard, the palette and the top bar open it.
import { create } from 'zustand'

export const useSheet = create<{ readonly opened: boolean }>(() => ({ opened: false }))

export function showSheet(opened: boolean): void {
  useSheet.setState({ opened })
}
