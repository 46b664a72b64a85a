import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { queryLogMetric } from '../../data/loki/client.ts'
import { queryRange } from '../../data/prometheus/client.ts'
import { alignGrid, chooseStep, type Grid, type Series } from '../../data/prometheus/matrix.ts'
import { useStableList } from '../../data/stable-list.ts'
import { useView } from '../../data/view.tsx'
import { logqlWithin, promqlWithin } from '../../editors/within-scope.ts'
import type { Side } from './compare.ts'

const POINTS = 240

interface SideAnswer {
  readonly series: readonly Series[]
  readonly warnings: readonly string[]
}

export interface Comparison {
  readonly grid: Grid
  /** In the order of the sides; only when all have answered. */
  readonly answers: readonly (readonly Series[])[] | undefined
  readonly warnings: readonly string[]
  /** Of the first side that failed. */
  readonly error: Error | null
  readonly failedSide: Side | undefined
  readonly isOld: boolean
  readonly retry: () => void
}

/** Asks the same question of every side, at the same times. */
export function useComparison(query: string, isLogs: boolean, sides: readonly Side[]): Comparison {
  const { interval, tenant } = useView()
  const grid = useMemo(() => alignGrid(interval, chooseStep(interval.toMs - interval.fromMs, POINTS)), [interval])
  const results = useQueries({
    queries: sides.map((side) => {
      const narrowed = isLogs ? logqlWithin(query, side.scope) : promqlWithin(query, side.scope)
      return {
        queryKey: [isLogs ? 'loki' : 'prometheus', 'side', narrowed, grid, tenant],
        queryFn: ({ signal }: { readonly signal: AbortSignal }): Promise<SideAnswer> =>
          isLogs ? queryLogMetric(narrowed, grid, { signal, tenant }) : queryRange(narrowed, grid, { signal, tenant }),
        enabled: query.trim() !== '' && sides.length > 1,
        placeholderData: keepPreviousData<SideAnswer>,
      }
    }),
  })
  const failedAt = results.findIndex(({ isError }) => isError)
  // The same answers are the same list: rows are not put together anew by every render.
  const loaded = useStableList(results.map(({ data }) => data))
  const answers = useMemo(() => {
    const known = loaded.filter((one) => one !== undefined)
    return known.length === loaded.length && known.length > 1 ? known.map(({ series }) => series) : undefined
  }, [loaded])
  return {
    grid,
    answers,
    warnings: [...new Set(loaded.flatMap((one) => one?.warnings ?? []))],
    error: results[failedAt]?.error ?? null,
    failedSide: sides[failedAt],
    isOld: results.some(({ isPlaceholderData }) => isPlaceholderData),
    retry: () => {
      for (const result of results) if (result.isError) void result.refetch()
    },
  }
}
