// What people keep of a feature: lists it is in, and a note, saved when the field is left.
import { TagsInput, Textarea, Title } from '@mantine/core'
import { useState } from 'react'
import { act } from '../../state/actions.ts'
import type { Notes } from '../../state/feature-rows.ts'
import { formatTime } from '../../ui/job-words.ts'

interface FeatureNotesProps {
  readonly sae: string
  readonly feature: number
  readonly notes: Notes
}

export function FeatureNotes({ sae, feature, notes }: FeatureNotesProps) {
  const own = notes.get(feature)
  const saved = own?.note ?? ''
  const [typed, setTyped] = useState<string>()
  const known = [...new Set([...notes.values()].flatMap(({ lists }) => lists))].sort()
  async function keep() {
    if (typed !== undefined && typed !== saved) await act('features.annotate', { sae, feature, note: typed })
    setTyped(undefined)
  }
  return (
    <section className="feature-notes" aria-label="Notes">
      <Title order={3}>Notes</Title>
      {own?.labels.map(({ text, author, method, score, at }) => (
        <p key={`${method} ${author}`} className="fine">
          <bdi>{text}</bdi>{' '}
          <span className="muted">
            by {author}, {method === 'hand' ? 'typed' : method}
            {score !== null && `, score ${score.toFixed(2)}`}, {formatTime(at)}
          </span>
        </p>
      ))}
      <TagsInput
        size="xs"
        label="Lists"
        placeholder="Add it to a list"
        data={known}
        maxTags={50}
        value={own?.lists ?? []}
        onChange={(lists) => void act('features.annotate', { sae, feature, lists })}
      />
      <Textarea
        size="xs"
        label="Note"
        placeholder="What was seen of it"
        autosize
        minRows={2}
        maxRows={12}
        maxLength={20_000}
        value={typed ?? saved}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => void keep()}
      />
    </section>
  )
}
