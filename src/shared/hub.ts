// Access to the Hugging Face Hub or a mirror of it: where it is, and with whose rights.
import { z } from 'zod'

export const HUB = 'https://huggingface.co'

export const hubAccessSchema = z.object({
  /** Without a slash at its end. */
  endpoint: z.string(),
  token: z.string().nullable(),
})
export type HubAccess = z.infer<typeof hubAccessSchema>

/** "owner/name", or the bare name of an old repository; neither part may lead to another folder. */
export const repositoryPattern = /^(?!\.+(?:\/|$))[\w.-]+(?:\/(?!\.+$)[\w.-]+)?$/
