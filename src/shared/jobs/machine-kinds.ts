// Jobs that look at this machine: its files, its devices, and what makes CUDA work.
import { z } from 'zod'
import { field } from '../config.ts'
import { jobKind } from './kind.ts'

export const machineKinds = {
  checksum: jobKind({
    title: 'Checksum a folder',
    help: 'Reads every file of a folder tree and writes one SHA-256 per file and one for the whole tree.',
    needsDevice: false,
    needsHub: false,
    steps: () => ['Hashing'],
    params: z.object({
      folder: field(z.string().min(1), {
        label: 'Folder',
        help: 'Every regular file below it is read; links are listed, not followed.',
        input: 'folder',
      }),
    }),
    result: z.object({
      /** SHA-256 (hex) over the lines "<sha256>  <relative path>\n" of all files, names sorted within each folder. */
      digest: z.string(),
      files: z.number().int(),
      bytes: z.number(),
      /** Links, sockets, devices, and files that could not be read; each is named in the log. */
      skipped: z.number().int(),
      /** The list: one JSON line `{path, bytes, modified, sha256}` a file. */
      path: z.string(),
    }),
    describe: (params) => `Checksum ${params.folder}`,
  }),
  benchmark: jobKind({
    title: 'Benchmark the devices',
    help: 'Multiplies matrices of growing size on every usable device, in float32 and where it has it in float16.',
    needsDevice: true,
    needsHub: false,
    steps: () => ['Measuring'],
    params: z.object({
      device: field(z.string().default('all'), {
        label: 'Device',
        help: '"all", or one device as the Device page names it.',
      }),
    }),
    result: z.object({
      measurements: z.array(
        z.object({
          device: z.string(),
          name: z.string(),
          dtype: z.enum(['float32', 'float16']),
          /** Rows and columns of the matrices. */
          size: z.number().int(),
          /** Of the fastest run of eight products. */
          seconds: z.number(),
          gflops: z.number(),
        }),
      ),
    }),
    describe: ({ device }) => (device === 'all' ? 'Benchmark all devices' : `Benchmark ${device}`),
  }),
  'setup-cuda': jobKind({
    title: 'Set up CUDA',
    help: 'Fetches the CUDA provider that belongs to this onnxruntime, checks, places and tries it, and says what is still missing.',
    command: 'setup cuda',
    needsDevice: false,
    needsHub: false,
    steps: () => ['Downloading', 'Checking', 'Placing', 'Probing'],
    params: z.object({
      file: field(z.string().min(1).optional(), {
        label: 'File',
        help: 'A package (.nupkg) or the provider itself (.so) that is on disk already; nothing is downloaded then.',
        input: 'file',
      }),
      sha256: field(
        z
          .string()
          .regex(/^[\da-fA-F]{64}$/, 'A SHA-256 has 64 hexadecimal digits.')
          .optional(),
        { label: 'SHA-256', help: 'What the package or the file must have; anything else is refused.' },
      ),
      feed: field(z.string().min(1).optional(), {
        label: 'Feed',
        help: 'Index of another NuGet feed, such as a mirror; MONOSCOPE_NUGET_FEED does the same.',
      }),
    }),
    result: z.object({
      /** CUDA works here. */
      ok: z.boolean(),
      /** Path of the provider that is in place. */
      provider: z.string().nullable(),
      /** Versions of the libraries found; null where there are none. */
      cuda: z.string().nullable(),
      cudnn: z.string().nullable(),
      /** The CUDA major version the provider asks for. */
      cudaNeeded: z.number().int().nullable(),
      onnxruntime: z.string().nullable(),
      driver: z.string().nullable(),
      gpus: z.array(z.string()),
      /** Libraries that are nowhere on this machine. */
      missing: z.array(z.string()),
      /** One command for each package manager that brings them; any one of them will do. */
      commands: z.object({ apt: z.string(), dnf: z.string(), conda: z.string(), pip: z.string() }).nullable(),
      /** SHA-256 of the provider in place. */
      sha256: z.string().nullable(),
      /** What the package was held against; null when nothing was fetched. */
      checkedBy: z.enum(['given SHA-256', 'SHA-512 of the feed', 'nothing']).nullable(),
      /** Why CUDA does not work, and what to do about it. */
      problem: z.string().nullable(),
      hint: z.string().nullable(),
    }),
    describe: () => 'Set up CUDA',
    worked: ({ ok }) => ok,
  }),
}
