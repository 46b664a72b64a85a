import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { type LogsAnswer, nsOf, queryLogs } from '../../data/loki/client.ts'
import type { LogEntry } from '../../data/loki/entry.ts'
import { newestFirst } from '../../data/loki/entry.ts'
import type { Interval } from '../../data/time-range.ts'

const FIRST_PAGE = 500
const NEXT_PAGE = 5_000
/** More lines than this nobody scrolls through; they are for a file or for a narrower question. */
const MOST_LINES = 1_000_000

export interface Logs {
  readonly entries: readonly LogEntry[]
  readonly answer: LogsAnswer | undefined
  readonly error: Error | null
  readonly isLoading: boolean
  readonly isAsking: boolean
  readonly isOld: boolean
  /** Everything of the range is there. */
  readonly isComplete: boolean
  readonly loadMore: () => void
  readonly retry: () => void
}

interface Further {
  readonly of: LogsAnswer
  /** Grows in place: a copy of a million entries with every page would be felt. */
  readonly entries: LogEntry[]
  readonly length: number
  readonly isComplete: boolean
  readonly error: Error | null
}

/** The lines of a range, a first page at once and further ones as somebody scrolls. */
export function useLogs(
  query: string,
  interval: Interval,
  direction: 'forward' | 'backward',
  tenant: string | undefined,
): Logs {
  const fromNs = nsOf(interval.fromMs)
  const toNs = nsOf(interval.toMs)
  const first = useQuery({
    queryKey: ['loki', 'logs', query, fromNs, toNs, direction, tenant],
    queryFn: ({ signal }) =>
      queryLogs({ query, fromNs, toNs, direction, limit: FIRST_PAGE }, { signal, tenant }).then((answer) => ({
        ...answer,
        entries: inOrder(answer.entries, direction),
      })),
    enabled: query.trim() !== '',
    placeholderData: (before) => before,
    gcTime: 60_000,
  })
  const answer = first.data
  const [further, setFurther] = useState<Further>()
  const asking = useRef<AbortController>(undefined)
  useEffect(() => () => asking.current?.abort(), [answer])

  const mine = further !== undefined && further.of === answer ? further : undefined
  const entries = mine?.entries ?? answer?.entries ?? []
  const isComplete = (mine?.isComplete ?? (answer?.entries.length ?? 0) < FIRST_PAGE) || entries.length >= MOST_LINES
  const loadMore = (): void => {
    const last = entries.at(-1)
    if (answer === undefined || isComplete || last === undefined || first.isPlaceholderData) return
    if (asking.current !== undefined && !asking.current.signal.aborted) return
    const controller = new AbortController()
    asking.current = controller
    const range = direction === 'backward' ? { fromNs, toNs: addNs(last.ns, 1n) } : { fromNs: last.ns, toNs }
    queryLogs({ query, ...range, direction, limit: NEXT_PAGE }, { signal: controller.signal, tenant })
      .then(
        (page) => {
          const list = mine?.entries ?? [...answer.entries]
          const added = appendPage(list, inOrder(page.entries, direction))
          // A page that brings nothing new has the same time throughout: what else has it cannot be told apart.
          const ended = page.entries.length < NEXT_PAGE || added === 0
          setFurther({ of: answer, entries: list, length: list.length, isComplete: ended, error: null })
        },
        (reason: unknown) => {
          if (controller.signal.aborted) return
          const error = reason instanceof Error ? reason : new Error(String(reason))
          setFurther({ of: answer, entries: mine?.entries ?? [...answer.entries], length: 0, isComplete: true, error })
        },
      )
      .finally(() => {
        if (asking.current === controller) asking.current = undefined
      })
  }
  return {
    entries,
    answer,
    error: first.error ?? mine?.error ?? null,
    isLoading: first.isLoading,
    isAsking: first.isFetching,
    isOld: first.isPlaceholderData,
    isComplete,
    loadMore,
    retry: () => void first.refetch(),
  }
}

function inOrder(entries: readonly LogEntry[], direction: 'forward' | 'backward'): readonly LogEntry[] {
  const sorted = [...entries].sort(newestFirst)
  return direction === 'backward' ? sorted : sorted.reverse()
}

/** Appends what is not there yet; only entries of the seam's time can be. Returns how many. */
export function appendPage(list: LogEntry[], page: readonly LogEntry[]): number {
  const seam = list.at(-1)?.ns
  const known = new Set<string>()
  for (let index = list.length - 1; index >= 0 && list[index]?.ns === seam; index -= 1)
    known.add(list[index]?.key ?? '')
  const fresh = page.filter(({ key }) => !known.has(key))
  for (const entry of fresh) list.push(entry)
  return fresh.length
}

export function addNs(ns: string, more: bigint): string {
  return (BigInt(ns) + more).toString()
}
