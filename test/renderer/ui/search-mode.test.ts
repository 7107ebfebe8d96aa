// What is meant by a text in the search box.
import { describe, expect, it } from 'vitest'
import { searchOf } from '../../../src/renderer/ui/search-mode.ts'

describe('a text in the search box', () => {
  it.each([
    ['', { kind: 'none' }],
    ['  ', { kind: 'none' }],
    ['chest pain', { kind: 'contexts', text: 'chest pain' }],
    ['764', { kind: 'feature', feature: 764 }],
    ['#764', { kind: 'feature', feature: 764 }],
    ['12345678', { kind: 'contexts', text: '12345678' }],
    ['label: heart', { kind: 'label', text: 'heart' }],
    ['tokens:aorta', { kind: 'token', text: 'aorta' }],
    ['contexts: 764', { kind: 'contexts', text: '764' }],
    ['label:', { kind: 'none' }],
    // a word and a colon that mean nothing here
    ['note: heart', { kind: 'contexts', text: 'note: heart' }],
    ['constructor:x', { kind: 'contexts', text: 'constructor:x' }],
    ['one\ntwo', { kind: 'text', text: 'one\ntwo' }],
    ['word '.repeat(60), { kind: 'text', text: 'word '.repeat(60).trim() }],
  ])('is told by what it looks like: %j', (typed, meant) => {
    expect(searchOf(typed, 'auto')).toEqual(meant)
  })

  it('is what was chosen, whatever it looks like', () => {
    expect(searchOf('764', 'contexts')).toEqual({ kind: 'contexts', text: '764' })
    expect(searchOf('label: heart', 'label')).toEqual({ kind: 'label', text: 'label: heart' })
    // the space belongs to the token
    expect(searchOf(' aorta', 'token')).toEqual({ kind: 'token', text: ' aorta' })
    expect(searchOf(' ', 'label')).toEqual({ kind: 'none' })
  })
})
