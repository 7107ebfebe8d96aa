// What a report can be made of, as the workspace has it, and how an entry is called.
import { useEffect, useState } from 'react'
import { labTitle, type ListedRun } from '../../../shared/prompt-lab.ts'
import type { ReportSection } from '../../../shared/report.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import type { SessionSummary } from '../../../shared/steering-sessions.ts'
import { link, useJobStamp } from '../../state/app.ts'
import { useStream } from '../../state/use-stream.ts'
import { formatTime } from '../../ui/job-words.ts'
import { uniqueNames } from '../../ui/sae-words.ts'

export interface Reportable {
  /** Finished ones. */
  readonly saes: readonly SaeEntry[]
  /** Those whose features can be read: the others have no index that is ready. */
  readonly indexed: readonly SaeEntry[]
  readonly names: ReadonlyMap<string, string>
  /** Lists of features: of which SAE, called what, how many. */
  readonly lists: readonly { readonly sae: string; readonly name: string; readonly features: number }[]
  readonly runs: readonly ListedRun[]
  readonly sessions: readonly SessionSummary[]
}

const TOP = 20

export function useReportable(all: readonly SaeEntry[]): Reportable {
  const saes = all.filter(({ done }) => done !== null)
  const names = uniqueNames(saes)
  const { state: lab } = useStream('lab.watch', undefined)
  const { state: sessions } = useStream('steering.watchSessions', undefined)
  return {
    ...{ saes, names: new Map(saes.map(({ id }, at) => [id, names[at]!])) },
    ...useFeaturesOf(saes),
    ...{ runs: lab?.runs ?? [], sessions: sessions ?? [] },
  }
}

/** Of SAEs those that are indexed, and the lists of their features. */
function useFeaturesOf(saes: readonly SaeEntry[]): Pick<Reportable, 'lists' | 'indexed'> {
  const [found, setFound] = useState<{ readonly lists: Reportable['lists']; readonly indexed: Set<string> }>()
  const stamp = useJobStamp('index')
  const key = saes.map(({ id }) => id).join(' ')
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const ids = key === '' ? [] : key.split(' ')
    void Promise.all(
      ids.map(async (sae) => {
        const indexes = await link.call('features.indexes', { sae }, { signal }).catch(() => [])
        if (!indexes.some(({ state }) => state === 'ready')) return null
        // without its lists the rest can still be chosen
        const notes = await link.call('features.notes', { sae }, { signal }).catch(() => [])
        const counts = new Map<string, number>()
        for (const name of notes.flatMap((note) => note.lists)) counts.set(name, (counts.get(name) ?? 0) + 1)
        return { sae, lists: [...counts].map(([name, features]) => ({ sae, name, features })) }
      }),
    ).then((answers) => {
      if (signal.aborted) return
      const indexed = answers.filter((answer) => answer !== null)
      setFound({
        lists: indexed.flatMap(({ lists }) => lists),
        indexed: new Set(indexed.map(({ sae }) => sae)),
      })
    })
    return () => abort.abort()
  }, [key, stamp])
  return { lists: found?.lists ?? [], indexed: saes.filter(({ id }) => found?.indexed.has(id)) }
}

interface ReportChoice {
  readonly value: string
  readonly label: string
  readonly section: ReportSection
}

/** All that can be added with one click, by kind. */
export function reportChoices({ saes, indexed, names, lists, runs, sessions }: Reportable) {
  const choice = (section: ReportSection, label: string): ReportChoice => ({
    ...{ section, label, value: JSON.stringify(section) },
  })
  const nameOf = (sae: string) => names.get(sae) ?? sae
  const groups: readonly { readonly group: string; readonly items: readonly ReportChoice[] }[] = [
    {
      group: 'Lists of features',
      items: lists.map(({ sae, name, features }) =>
        choice({ kind: 'list', sae, name }, `${name}: ${features} of ${nameOf(sae)}`),
      ),
    },
    {
      group: 'Strongest features',
      items: indexed.map(({ id }) =>
        choice({ kind: 'top', sae: id, count: TOP }, `The ${TOP} strongest of ${nameOf(id)}`),
      ),
    },
    {
      group: 'Trainings',
      items: saes.map(({ id }) => choice({ kind: 'training', sae: id }, `Training of ${nameOf(id)}`)),
    },
    {
      group: 'Prompt lab',
      items: runs.map((run) =>
        choice({ kind: 'lab', run: run.id }, `${labTitle(run)}, ${formatTime(run.at)}`),
      ),
    },
    {
      group: 'Steering sessions',
      items: sessions.map(({ id, name }) => choice({ kind: 'session', session: id }, name)),
    },
  ]
  return groups.filter(({ items }) => items.length > 0)
}

/** What an entry is called, and more about it; one whose source is gone says so. */
export function sectionWords(
  section: ReportSection,
  { names, runs, sessions }: Reportable,
  most: number,
): { readonly title: string; readonly note: string } {
  const nameOf = (sae: string) => names.get(sae) ?? `an SAE that is not here (${sae})`
  switch (section.kind) {
    case 'features': {
      const { features, sae } = section
      const more = features.length > most ? ` and ${features.length - most} more` : ''
      return {
        title: features.length === 1 ? `Feature ${features[0]}` : `${features.length} features`,
        note: `${features.length === 1 ? '' : `${features.slice(0, most).join(', ')}${more} · `}${nameOf(sae)}`,
      }
    }
    case 'list':
      return { title: `List ${section.name}`, note: nameOf(section.sae) }
    case 'top':
      return { title: `The ${section.count} strongest features`, note: nameOf(section.sae) }
    case 'training':
      return { title: 'Training', note: nameOf(section.sae) }
    case 'lab': {
      const run = runs.find(({ id }) => id === section.run)
      return { title: run ? labTitle(run) : 'A run that was deleted', note: 'Prompt lab' }
    }
    case 'session': {
      const session = sessions.find(({ id }) => id === section.session)
      return {
        title: session?.name ?? 'A session that was deleted',
        note: session
          ? `Steering session, ${session.runs} ${session.runs === 1 ? 'text' : 'texts'}`
          : 'Steering session',
      }
    }
  }
}
