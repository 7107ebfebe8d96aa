// Steering as it is typed: "123=0.8, clamp:45=6, ablate:7, 123=0.8@88>2", on the command line and in requests; and in words.
import { expected } from './errors.ts'
import { type Intervention, interventionSchema } from './steering.ts'

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`
const ONE = new RegExp(
  String.raw`^(?:(add|clamp|ablate):)?(\d+)(?:=(${number}))?(?:@(\d+)(?:>(${number}))?)?$`,
  'i',
)

/**
 * Each is a feature, "=" and a strength (0.5 without one); after "clamp:" the number is the value it is held at. "@88"
 * behind it lets it act only where feature 88 fires, "@88>2" where that is above 2. Throws `steering/text`.
 */
export function parseSteering(text: string): Intervention[] {
  const parts = text.split(',').map((part) => part.trim())
  return parts.map((part) => {
    const [whole, named = 'add', feature, amount, condition, above] = ONE.exec(part) ?? []
    if (whole === undefined) throw unreadable(part)
    const mode = named.toLowerCase()
    if (mode === 'ablate' && amount !== undefined) throw unreadable(part)
    const parsed = interventionSchema.safeParse({
      mode,
      feature: Number(feature),
      ...(amount !== undefined && { [mode === 'clamp' ? 'value' : 'strength']: Number(amount) }),
      ...(condition !== undefined && {
        where: { feature: Number(condition), ...(above !== undefined && { threshold: Number(above) }) },
      }),
    })
    if (!parsed.success) throw unreadable(part, parsed.error.issues[0]?.message)
    return parsed.data
  })
}

function unreadable(part: string, why?: string) {
  return expected(
    'steering/text',
    `"${part}" does not say how to steer${why === undefined ? '' : ` (${why})`}.`,
    'Write FEATURE=STRENGTH, clamp:FEATURE=VALUE or ablate:FEATURE, with commas between them; behind each @FEATURE for where it acts.',
  )
}

/** "add 7 at 0.5 × norm, clamp 8 at 6 where 88 is above 0". */
export function interventionWords(interventions: readonly Intervention[]): string {
  if (interventions.length === 0) return 'nothing'
  return interventions
    .map(({ feature, mode, strength, value, where }) => {
      const amount = mode === 'ablate' ? '' : ` at ${value ?? `${strength} × norm`}`
      return `${mode} ${feature}${amount}${where ? ` where ${where.feature} is above ${where.threshold}` : ''}`
    })
    .join(', ')
}
