// A report on paper: an HTML file of the disk printed to a PDF by a window that nobody sees.
import { writeFileAtomic } from '../store/atomic.ts'
import type { Electron } from './electron.ts'

/** Prints the file `html` to the file `pdf`. Throws `disk/…`, and what Electron says of a page that cannot be loaded. */
export async function printPdf({ BrowserWindow }: Electron, html: string, pdf: string): Promise<void> {
  // the report has no scripts, and nothing else in it is to run
  const webPreferences = { sandbox: true, contextIsolation: true, javascript: false }
  const window = new BrowserWindow({ show: false, webPreferences })
  try {
    await window.loadFile(html)
    const bytes = await window.webContents.printToPDF({ printBackground: true, preferCSSPageSize: true })
    await writeFileAtomic(pdf, bytes)
  } finally {
    window.destroy()
  }
}
