// The search box of the Features page: what was typed, as what it is taken, and a word on what it means.
import { Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import type { ReactNode, Ref } from 'react'
import { modeTitles, type SearchMode, searchModes } from '../../ui/search-mode.ts'

interface FeatureSearchProps {
  readonly field: Ref<HTMLInputElement>
  readonly typed: string
  readonly mode: SearchMode
  onTyped(typed: string): void
  onMode(mode: SearchMode): void
  /** Enter, and the key that leads on to the results. */
  onEnter(): void
  /** Filters, at the end of the line. */
  readonly children: ReactNode
}

const placeholders: Readonly<Record<SearchMode, string>> = {
  auto: 'chest pain · "a phrase" · label: heart · token: aorta · 764 · or paste a text',
  contexts: 'Search the corpus: words, "a phrase", begin*, *part*, this OR that, -without',
  label: 'Part of a label',
  token: 'How a token begins',
  text: 'Paste a text to see which features fire on it',
}

export function FeatureSearch(props: FeatureSearchProps) {
  const { field, typed, mode, onTyped, onMode, onEnter, children } = props
  return (
    <div className="card feature-search" role="search">
      <Select
        size="sm"
        w={128}
        variant="unstyled"
        aria-label="What to search"
        allowDeselect={false}
        data={searchModes.map((value) => ({ value, label: modeTitles[value] }))}
        value={mode}
        onChange={(value) => onMode(value!)}
      />
      <TextInput
        ref={field}
        className="grow"
        data-tour="search"
        size="sm"
        variant="unstyled"
        aria-label="Search features"
        placeholder={placeholders[mode]}
        leftSection={<IconSearch size={16} />}
        rightSection={typed === '' ? <kbd>/</kbd> : null}
        value={typed}
        onChange={(event) => onTyped(event.currentTarget.value)}
        onPaste={(event) => {
          // a field of one line would make one line of it
          const pasted = event.clipboardData.getData('text')
          if (!pasted.includes('\n') || mode !== 'auto') return
          event.preventDefault()
          onTyped(pasted)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onEnter()
          if (event.key === 'Escape') {
            onTyped('')
            event.currentTarget.blur()
          }
        }}
      />
      <div className="end">{children}</div>
    </div>
  )
}
