import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react'
import { copyText } from '../data/clipboard.ts'
import { useFleetClusters } from '../data/fleet-client.ts'
import { useRememberedList } from '../data/remembered.ts'
import { useTheme } from '../data/theme.ts'
import { RANGE_PRESETS } from '../data/time-range.ts'
import { useView } from '../data/view.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { PAGES } from './pages.ts'
import { choosePalette, markWords, type PaletteEntry, traceIdOf } from './palette-entries.ts'

const RECENT = 5

/** Everything by its name: pages, clusters, recent queries, actions; `>` actions, `@` clusters, `#` a trace by its id. */
export function Palette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const all = useEntries(typed)
  const entries = choosePalette(all, typed)
  const list = useRef<HTMLDivElement>(null)
  const opener = useRef(document.activeElement)
  useEffect(() => {
    const before = opener.current
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which is no clean-up.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [at])

  const run = (entry: PaletteEntry | undefined): void => {
    if (entry === undefined) return
    onClose()
    entry.run()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose()
    else if (event.key === 'Enter') run(entries[at])
    else if (event.key === 'ArrowDown') setAt(Math.min(at + 1, entries.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1))
    else if (event.key !== 'Tab') return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="scrim" onPointerDown={(event) => (event.target === event.currentTarget ? onClose() : undefined)}>
      <div className="palette" role="dialog" aria-modal="true" aria-label="Go to or do" onKeyDown={onKey}>
        <div className="palette-head">
          <Icon name="search" size={16} />
          <input
            role="combobox"
            aria-label="Go to or do"
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={`palette-${at}`}
            autoFocus
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setAt(0)
            }}
          />
        </div>
        <div className="palette-list" id="palette-list" role="listbox" aria-label="Results" ref={list}>
          {entries.map((entry, index) => (
            <Line
              key={`${entry.group}${entry.words}${entry.detail ?? ''}`}
              entry={entry}
              id={`palette-${index}`}
              typed={typed}
              isChosen={index === at}
              isFirst={entries[index - 1]?.group !== entry.group}
              onRun={() => run(entry)}
            />
          ))}
          {entries.length === 0 ? <p className="palette-none text-3">Nothing has these words in its name.</p> : null}
        </div>
        <footer className="palette-foot text-3">
          <kbd>↑</kbd>
          <kbd>↓</kbd> choose <kbd>↵</kbd> open <kbd>&gt;</kbd> actions <kbd>#</kbd> trace id <kbd>@</kbd> cluster
        </footer>
      </div>
    </div>
  )
}

function Line(props: {
  readonly entry: PaletteEntry
  readonly id: string
  readonly typed: string
  readonly isChosen: boolean
  readonly isFirst: boolean
  readonly onRun: () => void
}): ReactElement {
  const { entry } = props
  return (
    <>
      {props.isFirst ? (
        <div className="palette-group label" role="presentation">
          {entry.group}
        </div>
      ) : null}
      <div className="palette-line" role="option" id={props.id} aria-selected={props.isChosen} onClick={props.onRun}>
        <Icon name={entry.icon as IconName} />
        <span className={entry.group === 'Recent queries' ? 'cut mono-text' : 'cut'}>
          {markWords(entry.words, props.typed).map(({ text, isMatch }, index) =>
            isMatch ? <mark key={index}>{text}</mark> : text,
          )}
        </span>
        {entry.detail === undefined ? null : <span className="text-3">{entry.detail}</span>}
        <span className="grow" />
        {entry.keys?.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </div>
    </>
  )
}

function useEntries(typed: string): readonly PaletteEntry[] {
  const navigate = useNavigate()
  const view = useView()
  const { theme, toggle } = useTheme()
  const clusters = useFleetClusters()
  const metrics = useRememberedList('history.metrics', RECENT).list
  const logs = useRememberedList('history.logs', RECENT).list
  const traces = useRememberedList('history.traces', RECENT).list
  const go = (to: string, search: Readonly<Record<string, unknown>> = {}): void => {
    void navigate({ to, search: search as never })
  }
  const traceId = traceIdOf(typed)
  const recent = (list: readonly string[], icon: string, to: string): readonly PaletteEntry[] =>
    list.slice(0, RECENT).map((query) => ({
      group: 'Recent queries',
      words: query,
      icon,
      run: () => go(to, { q: to.endsWith('metrics') ? [query] : query }),
    }))
  return [
    ...(traceId === undefined
      ? []
      : [{ group: 'Trace', words: typed, icon: 'traces', run: () => go(`/explore/traces/${traceId}`) }]),
    ...PAGES.map(({ name, icon, path, key }) => ({
      group: 'Go to',
      words: name,
      icon,
      keys: ['G', key.toUpperCase()],
      run: () => go(path),
    })),
    ...clusters.map(({ cluster, status }) => ({
      group: 'Clusters',
      words: cluster,
      detail: status === 'cut-off' ? 'cut off' : status,
      icon: 'cluster',
      run: () => go(`/fleet/${encodeURIComponent(cluster)}`),
    })),
    ...recent(metrics, 'metrics', '/explore/metrics'),
    ...recent(logs, 'logs', '/explore/logs'),
    ...recent(traces, 'traces', '/explore/traces'),
    ...RANGE_PRESETS.map(({ words, range }) => ({
      group: 'Do',
      words: `Show ${words.toLowerCase()}`,
      icon: 'clock',
      run: () => view.setRange(range),
    })),
    { group: 'Do', words: theme === 'dark' ? 'Light theme' : 'Dark theme', icon: 'theme', run: toggle },
    {
      group: 'Do',
      words: view.zone === 'utc' ? 'Times of this machine' : 'Times in UTC',
      icon: 'clock',
      keys: ['U'],
      run: () => view.setZone(view.zone === 'utc' ? 'local' : 'utc'),
    },
    { group: 'Do', words: 'Refresh', icon: 'refresh', run: view.refreshNow },
    { group: 'Do', words: 'Copy link', icon: 'link', keys: ['Y'], run: copyAddress },
  ]
}

function copyAddress(): void {
  void copyText(window.location.href)
}
