import { useDeferredValue, useMemo, useState } from 'react'
import type { LogEntry } from '../../data/loki/entry.ts'

export interface Find {
  readonly count: number
  /** The place of the current match among them, from zero; -1 before the first step. */
  readonly at: number
  /** The row to go to. */
  readonly step: (by: 1 | -1) => number | undefined
}

/** The lines that hold a text, in either case, and steps from one to the next. */
export function useFind(entries: readonly LogEntry[], length: number, typed: string): Find {
  const text = useDeferredValue(typed.trim().toLowerCase())
  // `length`: the list may grow in place.
  const matches = useMemo(() => findLines(entries, text), [entries, length, text])
  const [at, setAt] = useState(-1)
  return {
    count: matches.length,
    at: Math.min(at, matches.length - 1),
    step: (by) => {
      if (matches.length === 0) return undefined
      const next = (Math.max(at, by === 1 ? -1 : 0) + by + matches.length) % matches.length
      setAt(next)
      return matches[next]
    },
  }
}

function findLines(entries: readonly LogEntry[], text: string): readonly number[] {
  if (text === '') return []
  const found: number[] = []
  for (const [index, { line }] of entries.entries()) if (line.toLowerCase().includes(text)) found.push(index)
  return found
}
