// The steering desks of all SAEs, as this window keeps them over a reload.
import { z } from 'zod'
import { pastRunSchema, steeringSetupSchema } from '../../shared/steering-sessions.ts'

const deskSchema = z.object({
  undo: z.object({
    past: z.array(steeringSetupSchema),
    now: steeringSetupSchema,
    future: z.array(steeringSetupSchema),
    movement: z.string().nullable(),
  }),
  slider: z.number(),
  ranges: z.array(z.tuple([z.number(), z.number()])).transform((pairs) => new Map(pairs)),
  history: z.array(pastRunSchema.extend({ id: z.number().optional() })),
  session: z.object({ id: z.string(), name: z.string(), saved: steeringSetupSchema }).nullable(),
})
const desksSchema = z.array(deskSchema)

/** Each is of another SAE; the one in use comes first. */
export type KeptDesk = Readonly<z.output<typeof deskSchema>>

const KEY = 'monoscope-desks'
/** Steps back and runs of each desk that are tried to keep: a window has room for some megabytes. */
const MOST = [200, 50, 10, 0] as const

/** Those of an earlier load of this window; none where another version wrote them otherwise. */
export function readDesks(): readonly KeptDesk[] {
  try {
    const text = sessionStorage.getItem(KEY)
    return text === null ? [] : (desksSchema.safeParse(JSON.parse(text)).data ?? [])
  } catch {
    // storage may be switched off
    return []
  }
}

export function writeDesks(desks: readonly KeptDesk[]): void {
  for (const most of MOST) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(desks.map((desk) => plain(desk, most))))
      return
    } catch {
      // too much for the window: the setups themselves are worth most
    }
  }
}

function plain({ undo, history, ranges, ...desk }: KeptDesk, most: number) {
  const past = undo.past.slice(Math.max(0, undo.past.length - most))
  return {
    ...desk,
    undo: { ...undo, past, future: undo.future.slice(0, most) },
    history: history.slice(0, most),
    ranges: [...ranges],
  }
}
