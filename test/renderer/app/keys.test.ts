// The keyboard: sequences are heard, and typing is left alone.
import { describe, expect, it } from 'vitest'
import { isTyping, sequenceHandler } from '../../../src/renderer/app/keys.ts'
import { places } from '../../../src/renderer/app/places.ts'
import { stages } from '../../../src/shared/stages.ts'

const field = { tagName: 'INPUT' } as unknown as EventTarget

/** A handler after "g" with a clock of its own, and what it heard. */
function listening() {
  const heard: string[] = []
  const prevented: string[] = []
  let now = 0
  const handler = sequenceHandler(
    'g',
    (key) => {
      heard.push(key)
      return key === 'j'
    },
    () => now,
  )
  const press = (key: string, more: Partial<Parameters<typeof handler>[0]> = {}) =>
    handler({
      ...{ key, ctrlKey: false, metaKey: false, altKey: false, target: null },
      preventDefault: () => prevented.push(key),
      ...more,
    })
  return { heard, prevented, press, wait: (milliseconds: number) => (now += milliseconds) }
}

describe('a sequence of two keys', () => {
  it('is heard when the second follows in time, once', () => {
    const { heard, press, wait } = listening()
    press('g')
    wait(1_000)
    press('j')
    press('j')
    expect(heard).toEqual(['j'])
  })

  it('is forgotten after a while', () => {
    const { heard, press, wait } = listening()
    press('g')
    wait(1_300)
    press('j')
    expect(heard).toEqual([])
  })

  it('takes only a key that means something away from the page', () => {
    const { prevented, press } = listening()
    press('g')
    press('x')
    press('g')
    press('j')
    expect(prevented).toEqual(['j'])
  })

  it('is not begun while typing, nor with a modifier', () => {
    const { heard, press } = listening()
    press('g', { target: field })
    press('j')
    press('g', { ctrlKey: true })
    press('j')
    press('g', { metaKey: true })
    press('j')
    expect(heard).toEqual([])
  })

  it('knows fields from the rest of the page', () => {
    const target = (part: object) => part as unknown as EventTarget
    expect(isTyping(field)).toBe(true)
    expect(isTyping(target({ tagName: 'DIV', isContentEditable: true }))).toBe(true)
    expect(isTyping(target({ tagName: 'BUTTON' }))).toBe(false)
    expect(isTyping(null)).toBe(false)
  })
})

describe('places', () => {
  it('each have a path and a key of their own', () => {
    for (const part of ['path', 'key', 'title'] as const) {
      const values = places.map((place) => place[part])
      expect(new Set(values).size, part).toBe(values.length)
    }
    expect(places.every((place) => place.key.length === 1)).toBe(true)
  })

  it('begin with the stages, in the order of the work', () => {
    const paths = stages.filter((stage) => stage.page).map((stage) => `/${stage.id}`)
    expect(places.slice(0, paths.length).map((place) => place.path)).toEqual(paths)
  })
})
