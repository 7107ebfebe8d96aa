// What people, and later methods, say of features: labels with their author, stars, lists and notes.
import { z } from 'zod'

export const featureLabelSchema = z.object({
  text: z.string(),
  author: z.string(),
  /** `hand` for one that was typed; else the method that found it. */
  method: z.string(),
  /** How good the method found it; null for one that was typed. */
  score: z.number().nullable(),
  /** Milliseconds since the epoch. */
  at: z.number(),
})
export type FeatureLabel = z.infer<typeof featureLabelSchema>

export const featureNoteSchema = z.object({
  feature: z.number().int().nonnegative(),
  /** The newest by hand first, then the others. */
  labels: z.array(featureLabelSchema),
  starred: z.boolean(),
  /** Names of the lists it is in, sorted. */
  lists: z.array(z.string()),
  note: z.string(),
})
export type FeatureNote = z.infer<typeof featureNoteSchema>

const listName = z.string().trim().min(1).max(80)

/** What is not given stays; an empty label takes the one by hand away. */
export const noteChangeSchema = z.object({
  sae: z.string().min(1),
  feature: z.number().int().nonnegative(),
  label: z.string().trim().max(500).optional(),
  starred: z.boolean().optional(),
  lists: z.array(listName).max(50).optional(),
  note: z.string().max(20_000).optional(),
})
export type NoteChange = z.infer<typeof noteChangeSchema>
