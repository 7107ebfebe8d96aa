// What the host is and can do: the page asks this, never "is this Electron?".
import { z } from 'zod'
import { latest, nothing, query } from './define.ts'
import { sampleSchema } from '../jobs/job.ts'

const capabilitiesSchema = z.object({
  /** A native dialog can choose a folder (`host.pickFolder`); otherwise the page browses with `files.list`. */
  nativeDialogs: z.boolean(),
  /** Where secrets are kept: the system's key store, or a file only its owner can read. */
  secrets: z.enum(['os', 'file']),
  /** The host can show a file in the system's file manager (`host.reveal`). */
  reveal: z.boolean(),
})

export const hostKindSchema = z.enum(['electron', 'serve', 'cli'])
export type HostKind = z.infer<typeof hostKindSchema>

export const hostDescriptionSchema = z.object({
  kind: hostKindSchema,
  version: z.string(),
  capabilities: capabilitiesSchema,
  workspace: z.object({ path: z.string(), name: z.string(), freeBytes: z.number().nullable() }),
  machine: z.object({
    hostname: z.string(),
    platform: z.string(),
    cpu: z.string(),
    cores: z.number().int(),
    memory: z.number(),
  }),
  /** Where heavy work runs, as the top bar shows it: "CPU". */
  device: z.string(),
  pid: z.number().int(),
  startedAt: z.number(),
})
export type HostDescription = z.infer<typeof hostDescriptionSchema>

const entrySchema = z.object({ name: z.string(), path: z.string(), folder: z.boolean(), bytes: z.number() })

export const hostContract = {
  'host.describe': query(nothing, hostDescriptionSchema),
  /** Everything a maintainer needs, as text to copy; no secrets, the home folder shortened to "~". */
  'host.diagnostics': query(nothing, z.string()),
  /** Rejects `host/no-dialogs` where there are none; null when the person cancels. */
  'host.pickFolder': query(z.object({ title: z.string() }), z.string().nullable()),
  'host.reveal': query(z.object({ path: z.string() }), nothing),
  /** One folder of the host's disk, folders first; `path` undefined means the home folder. */
  'files.list': query(
    z.object({ path: z.string().optional() }),
    z.object({
      path: z.string(),
      parent: z.string().nullable(),
      entries: z.array(entrySchema),
      /** True when there are more than 2,000 entries and only the first are listed. */
      truncated: z.boolean(),
    }),
  ),
  /** What the machine uses right now; about one sample a second while someone watches. */
  'machine.watch': latest(nothing, sampleSchema),
}
