// The workspace's settings, each a field with its default and help; the Settings page is made from this.
import { z } from 'zod'
import { field } from '../config.ts'
import { command, latest, nothing, query } from './define.ts'

export const settingsSchema = z.object({
  appearance: field(z.enum(['system', 'light', 'dark']).default('system'), {
    label: 'Appearance',
    help: 'Light, dark, or whatever the system uses.',
  }),
  device: field(
    z
      .string()
      .regex(/^(auto|cpu|webgpu|cuda:\d+)$/, 'It is "auto", "cpu", "webgpu", or "cuda:0" and so on')
      .default('auto'),
    {
      label: 'Device',
      help: 'Where heavy work runs: "auto", or a device as the Device page names it.',
    },
  ),
  concurrentJobs: field(z.number().int().min(1).max(8).default(1), {
    label: 'Jobs at once',
    help: 'Further jobs wait in the queue. More than one competes for the same processor and memory.',
  }),
  retries: field(z.number().int().min(0).max(10).default(3), {
    label: 'Automatic restarts',
    help: 'How often a job whose process crashed is restarted from its last complete piece of work.',
  }),
  stopGrace: field(z.number().min(0.1).max(600).default(20), {
    label: 'Time to stop',
    help: 'How long a job may take to stop cleanly before its process is ended.',
    unit: 's',
  }),
  hubEndpoint: field(
    z
      .string()
      .trim()
      .regex(/^(https?:\/\/[^\s/]+(\/\S*)?)?$/, 'It is an address such as https://huggingface.co')
      .default(''),
    {
      label: 'Hub endpoint',
      help: 'Where models are downloaded from, such as a mirror. Empty: HF_ENDPOINT of the environment, or https://huggingface.co.',
    },
  ),
})
export type Settings = z.output<typeof settingsSchema>

/** Secrets the app can keep. Their values never leave the host. */
export const secretNameSchema = z.enum(['huggingface'])

export const settingsContract = {
  /** Changes the named settings only; rejects `settings/unknown` and `settings/value`. */
  'settings.set': command(z.record(z.string(), z.unknown()), settingsSchema),
  'settings.watch': latest(nothing, settingsSchema),
  'secrets.list': query(nothing, z.array(z.object({ name: secretNameSchema, set: z.boolean() }))),
  'secrets.set': command(z.object({ name: secretNameSchema, value: z.string().min(1) }), nothing),
  'secrets.delete': command(z.object({ name: secretNameSchema }), nothing),
}
