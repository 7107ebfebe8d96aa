// A feature as a picture: its head and strongest contexts with their heat, on the clipboard, or as a file where that is refused.
import type { FeatureExample, FeaturePage } from '../../../shared/features.ts'
import { showDone } from '../../state/actions.ts'
import { saveFile } from '../../state/save-file.ts'
import { densityWords } from '../../ui/feature-words.ts'
import { activationWords, heatOf, windowOf } from '../../../shared/heat.ts'
import { inText } from '../../../shared/token-spelling.ts'

// pixels, before it is doubled for sharp screens
const WIDTH = 900
const PAD = 24
const LINE = 26
const HEAD = 84
const CONTEXTS = 10
const REACH = 10
const SCALE = 2

export async function shareFeaturePicture(page: FeaturePage, label: string): Promise<void> {
  const picture = await drawn(page, label)
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })])
    showDone('Image copied.')
  } catch {
    saveFile(`feature-${page.feature}.png`, picture)
    showDone('Image saved: this browser does not let images on the clipboard.')
  }
}

function drawn(page: FeaturePage, label: string): Promise<Blob> {
  const examples = page.top.slice(0, CONTEXTS)
  const canvas = document.createElement('canvas')
  const height = HEAD + examples.length * LINE + PAD
  canvas.width = WIDTH * SCALE
  canvas.height = height * SCALE
  const context = canvas.getContext('2d')
  if (!context) return Promise.reject(new Error('This browser cannot draw.'))
  context.scale(SCALE, SCALE)
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const family = getComputedStyle(document.body).fontFamily
  const mono = color('--mantine-font-family-monospace')
  context.fillStyle = color('--panel')
  context.fillRect(0, 0, WIDTH, height)
  context.textBaseline = 'middle'
  context.fillStyle = color('--ink')
  context.font = `650 20px ${family}`
  context.fillText(String(page.feature), PAD, 32)
  const after = PAD + context.measureText(String(page.feature)).width + 14
  context.font = `15px ${family}`
  context.fillText(label, after, 32, WIDTH - after - PAD)
  context.fillStyle = color('--mute')
  context.font = `12px ${family}`
  context.fillText(
    `density ${densityWords(page.density)} · max ${activationWords(page.max)} · mean ${activationWords(page.mean)}`,
    PAD,
    58,
  )
  const max = examples[0]?.value ?? page.max
  context.font = `12.5px ${mono}`
  for (const [at, example] of examples.entries()) {
    const y = HEAD + at * LINE + LINE / 2
    drawContext(context, example, { max, y, ink: color('--ink'), heat: color('--heat-full') })
    context.fillStyle = color('--mute')
    context.textAlign = 'right'
    context.fillText(activationWords(example.value), WIDTH - PAD, y)
    context.textAlign = 'left'
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture was not made.')))),
  )
}

interface LineStyle {
  readonly max: number
  readonly y: number
  readonly ink: string
  readonly heat: string
}

/** As many tokens around the peak as there is room for. */
function drawContext(
  context: CanvasRenderingContext2D,
  { texts, values, position, from }: FeatureExample,
  { max, y, ink, heat }: LineStyle,
): void {
  const [first, last] = windowOf(position - from, REACH, texts.length)
  let x = PAD
  for (let at = first; at < last; at++) {
    const text = inText(texts[at] ?? '')
    const width = context.measureText(text).width
    if (x + width > WIDTH - PAD - 60) return
    context.globalAlpha = heatOf(values[at] ?? 0, max)
    context.fillStyle = heat
    context.fillRect(x, y - 9, width, 18)
    context.globalAlpha = 1
    context.fillStyle = ink
    context.fillText(text, x, y)
    // as on the page, the peak is not told by its colour alone
    if (at === position - from) context.fillRect(x, y + 9, width, 1.5)
    x += width
  }
}
