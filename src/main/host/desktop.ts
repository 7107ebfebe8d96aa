// What a host with a desktop can do for a person; a headless host has none of it and says so.

export interface Desktop {
  /** Shows the system's folder chooser; null when the person cancels. */
  pickFolder(title: string): Promise<string | null>
  /** Shows a file in the system's file manager. */
  reveal(path: string): void
  /** Prints an HTML file to a PDF, which is there when it resolves; both are absolute paths. */
  printPdf(html: string, pdf: string): Promise<void>
}
