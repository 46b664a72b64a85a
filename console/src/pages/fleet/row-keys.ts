import { useEffect } from 'react'

/** What can be opened of a cluster by a key. */
export type OpenedFromRow = 'cluster' | 'logs' | 'metrics' | 'traces' | 'compare'

/**
 * J and K (or arrows) move through the rows as they stand, Escape closes, Enter opens the cluster's page, L its logs, M its
 * metrics, T its traces, C its comparison. Keys rest while a field has the focus.
 * `rows` are the names of the clusters in sight, from the top.
 */
export function useRowKeys(
  rows: readonly string[],
  selected: string | undefined,
  onSelect: (cluster: string | undefined) => void,
  onOpen: (cluster: string, what: OpenedFromRow) => void,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLInputElement) return
      if (event.metaKey || event.ctrlKey || event.altKey) return
      if (event.defaultPrevented) return
      if (event.key === 'Escape') onSelect(undefined)
      const what = OPENS[event.key.toLowerCase()]
      // A button or link that has the focus does what it says.
      const isOnControl = event.target instanceof Element && event.target.closest('button, a') !== null
      if (what !== undefined && selected !== undefined && !(what === 'cluster' && isOnControl)) {
        event.preventDefault()
        onOpen(selected, what)
      }
      const step = STEPS[event.key.toLowerCase()]
      if (step === undefined) return
      event.preventDefault()
      const next = moveBy(rows, selected, step)
      if (next !== undefined) onSelect(next)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [rows, selected, onSelect, onOpen])
}

const OPENS: Readonly<Record<string, OpenedFromRow>> = {
  enter: 'cluster',
  l: 'logs',
  m: 'metrics',
  t: 'traces',
  c: 'compare',
}
const STEPS: Readonly<Record<string, 1 | -1>> = { j: 1, arrowdown: 1, k: -1, arrowup: -1 }

/** The row above or below, or the same at the ends; without a chosen one, the first from that side. */
export function moveBy(rows: readonly string[], from: string | undefined, step: 1 | -1): string | undefined {
  const at = from === undefined ? -1 : rows.indexOf(from)
  if (at < 0) return rows.at(step === 1 ? 0 : -1)
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))]
}
