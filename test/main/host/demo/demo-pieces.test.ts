// What of the demo's can be deleted: what it made and left unfinished, and nothing that others use.
import { describe, expect, it } from 'vitest'
import { type PieceParts, piecesOf } from '../../../../src/main/host/demo/demo-pieces.ts'
import { type Demo, noDemo } from '../../../../src/shared/demo.ts'
import { jobNamed } from '../../../helpers/jobs.ts'

const finished = (already: boolean): Demo['finished'] => [
  { task: 'import', job: 'i', seconds: 1, figures: { already } },
  { task: 'harvest', job: 'h', seconds: 1, figures: {} },
]
const demo: Demo = {
  ...noDemo,
  finished: finished(false),
  made: { model: 'm', harvest: 'h', report: 'r' },
  job: 't',
}

/** A workspace with what the demo made until it was stopped in its training, and things of others. */
function workspace(others: object[] = []) {
  const removed: string[] = []
  const jobs = new Set(['i', 'h', 't'])
  const gone = (what: string, bytes: number) => (id: string) => {
    removed.push(`${what} ${id}`)
    // an SAE that is not finished takes its job along
    if (what === 'sae') jobs.delete('t')
    return Promise.resolve(bytes)
  }
  const parts = {
    models: () => [
      { id: 'm', name: 'Demo model', hash: '#', ownBytes: 6 },
      { id: 'other', name: 'Other', hash: '##', ownBytes: 9 },
    ],
    harvests: () => Promise.resolve([{ id: 'h', bytes: 100, config: { model: 'm' } }, ...others]),
    saes: () =>
      Promise.resolve([
        { id: 't', bytes: 30 },
        { id: 'mine', bytes: 50 },
      ]),
    sessions: () => [{ id: 'mine', name: 'Mine' }],
    reports: () =>
      Promise.resolve([
        { id: 'mine', bytes: 8, manifest: { title: 'Mine' } },
        { id: 'r', bytes: 7, manifest: { title: 'The demo' } },
      ]),
    job: (id: string) => (jobs.has(id) ? jobNamed(id) : undefined),
    jobBytes: () => Promise.resolve(1),
    ...{ removeModel: gone('model', 6), removeHarvest: gone('harvest', 100), removeSae: gone('sae', 30) },
    ...{ removeSession: gone('session', 0), removeJob: gone('job', 1) },
    removeReport: gone('report', 7),
  }
  return { removed, parts: parts as unknown as PieceParts }
}

describe('what the demo has made', () => {
  it('is told with its space, what is unfinished included, and removed after what was made of it', async () => {
    const { parts, removed } = workspace()
    const pieces = await piecesOf(demo, parts)
    expect(pieces.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['the report “The demo”', 7],
      ['the SAE with the index of its features', 30],
      ['the harvest', 100],
      ['the model “Demo model”', 6],
      ['the logs of 3 jobs', 3],
    ])
    for (const { remove } of pieces) await remove()
    expect(removed).toEqual(['report r', 'sae t', 'harvest h', 'model m', 'job i', 'job h'])
  })

  it('leaves a model that was there before, and one that another harvest reads', async () => {
    const names = async (of: Demo, others: object[] = []) =>
      (await piecesOf(of, workspace(others).parts)).map(({ name }) => name)
    const model = 'the model “Demo model”'
    expect(await names(demo)).toContain(model)
    expect(await names({ ...demo, finished: finished(true) })).not.toContain(model)
    expect(await names(demo, [{ id: 'x', bytes: 1, config: { model: 'm' } }])).not.toContain(model)
    const elsewhere = { id: 'x', bytes: 1, config: null, done: { model: { hash: '#' } } }
    expect(await names(demo, [elsewhere])).not.toContain(model)
  })
})
