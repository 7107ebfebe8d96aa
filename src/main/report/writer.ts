// What a format has to provide: the head, every piece as it comes, and the end with what is needed to make it again.
import type { ReportPart } from '../../shared/report.ts'
import type { Piece } from './piece.ts'

export interface ReportHead {
  readonly title: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Markdown. */
  readonly notes: string
  readonly parts: readonly ReportPart[]
}

/** What stands under one title. */
export interface OutlinedPart {
  readonly title: string
  readonly features: readonly { readonly feature: number; readonly label: string | null }[]
}

/** What is needed to make the report again; plain data. */
export interface ReportSources {
  readonly program: string
  readonly contents: string
  readonly sources: readonly unknown[]
}

export type Content = string | Uint8Array

/** Gives the content of a file piece by piece; nothing of an earlier piece is kept. */
export interface ReportWriter {
  /** The outline has a part for each piece but the features, which belong to the heading before them. */
  begin(head: ReportHead, outline: readonly OutlinedPart[]): Content
  /** One call after the other. */
  piece(piece: Piece, head: ReportHead): Content | Promise<Content>
  end(sources: ReportSources): Content
}
