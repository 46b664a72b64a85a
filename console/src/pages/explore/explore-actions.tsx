import { type ReactElement, useState } from 'react'
import { copyText } from '../../data/clipboard.ts'
import { useRememberedList } from '../../data/remembered.ts'
import { Icon } from '../../parts/icon.tsx'
import { Popover } from '../../parts/popover.tsx'

const HISTORY = 100
const COPIED_MS = 2_000

/** The queries that were run in this browser, newest first. */
export function useQueryHistory(signal: 'metrics' | 'logs' | 'traces'): {
  readonly list: readonly string[]
  readonly add: (query: string) => void
  readonly clear: () => void
} {
  return useRememberedList(`history.${signal}`, HISTORY)
}

export function HistoryMenu(props: {
  readonly signal: 'metrics' | 'logs' | 'traces'
  readonly onChoose: (query: string) => void
}): ReactElement {
  const { list, clear } = useQueryHistory(props.signal)
  const [find, setFind] = useState('')
  const shown = list.filter((query) => query.toLowerCase().includes(find.toLowerCase()))
  return (
    <Popover
      label="History"
      className="button button-ghost"
      align="right"
      face={
        <>
          <Icon name="history" /> History
        </>
      }
    >
      {(close) => (
        <div className="menu history-menu">
          <input
            className="input"
            aria-label="Find in history"
            placeholder="Find in history"
            autoFocus
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
          {shown.map((query) => (
            <button
              key={query}
              type="button"
              title={query}
              onClick={() => {
                props.onChoose(query)
                close()
              }}
            >
              <span className="cut mono-text">{query}</span>
            </button>
          ))}
          {shown.length === 0 ? <p className="text-3 menu-none">No query has been run in this browser.</p> : null}
          {list.length > 0 ? (
            <button type="button" className="text-3" onClick={clear}>
              Clear history
            </button>
          ) : null}
        </div>
      )}
    </Popover>
  )
}

export function CopyLink(): ReactElement {
  const [isCopied, setCopied] = useState(false)
  return (
    <button
      type="button"
      className="button button-ghost"
      onClick={() => {
        void copyText(window.location.href).then(() => {
          setCopied(true)
          setTimeout(() => setCopied(false), COPIED_MS)
        })
      }}
    >
      <Icon name="link" /> {isCopied ? 'Copied' : 'Copy link'}
    </button>
  )
}

export function RunButton({ onRun }: { readonly onRun: () => void }): ReactElement {
  return (
    <button type="button" className="button button-primary" onClick={onRun} title="Run (Ctrl Enter)">
      Run <kbd>↵</kbd>
    </button>
  )
}
